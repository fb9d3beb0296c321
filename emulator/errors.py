"""What can go wrong, as one tree.

EmulatorError                 a line for the user; never a traceback
├── TemplateError             the template or the API definition: file, line, logical ID, remedy
├── StartupError              the machine: a port in use, a data folder that is taken
└── ServiceError              the answer of an emulated AWS service: code, message, HTTP status

A handler that fails is data (``InvocationResult.function_error``), not an exception.
Everything else that is raised is a bug of ours and keeps its traceback.
"""

from pathlib import Path


class EmulatorError(Exception):
    """A mistake that the user can mend; its text is one clear line."""


class TemplateError(EmulatorError):
    """The template or API definition cannot be run; names the place and the remedy."""

    def __init__(
        self,
        problem: str,
        *,
        file: Path | None = None,
        line: int | None = None,
        logical_id: str | None = None,
        remedy: str | None = None,
    ) -> None:
        place = f"{file}:{line}" if file and line else str(file) if file else ""
        parts = [place, logical_id or "", problem]
        text = ": ".join(part for part in parts if part)
        super().__init__(f"{text} ({remedy})" if remedy else text)
        self.problem = problem
        self.file = file
        self.line = line
        self.logical_id = logical_id
        self.remedy = remedy

    def in_file(self, file: Path) -> "TemplateError":
        """Give the error with the file that it is about, if it does not know that itself."""
        if self.file is not None:
            return self
        return TemplateError(
            self.problem, file=file, logical_id=self.logical_id, remedy=self.remedy
        )


class StartupError(EmulatorError):
    """The emulator cannot start on this machine as it was asked to."""


class ServiceError(EmulatorError):
    """An error as an AWS service sends it; each protocol renders it in its own shape.

    Args:
        code: AWS's exact error name, for example ``ResourceNotFoundException``.
        message: AWS's text.
        status: HTTP status code.
        members: further members of the error body, in AWS's spelling.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        members: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members
