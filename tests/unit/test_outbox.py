"""The folder of records that wait to be delivered."""

from pathlib import Path

import pytest

from emulator.outbox import Outbox, RecordName


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "outbox"


@pytest.fixture
def outbox(folder):
    return Outbox(folder)


def record(file_name):
    return RecordName(file_name=file_name)


def test_a_record_can_be_read_until_it_is_removed(outbox):
    """Removed twice, it is removed."""
    name = outbox.put("s3-event", b"content")
    read = [outbox.read(name)]
    outbox.remove(name)
    outbox.remove(name)
    read.append(outbox.read(name))

    assert read == [b"content", None]


def test_a_record_knows_its_kind(outbox):
    """The kind is the ending of the file's name."""
    assert outbox.put("s3-event", b"").kind == "s3-event"


def test_records_are_listed_in_the_order_in_which_they_were_put(outbox):
    """Whatever their kind."""
    names = [outbox.put(kind, b"") for kind in ("b", "a", "c") * 10]

    assert outbox.waiting() == names


def test_the_order_holds_when_the_clock_is_turned_back(folder, outbox):
    """Also over a restart: a record of the future does not make later ones go first."""
    future = folder / f"{2**62:020d}.invocation"
    future.write_bytes(b"")
    later = Outbox(folder).put("invocation", b"")

    assert outbox.waiting() == [record(future.name), later]


def test_a_restart_finds_what_was_left(folder, outbox):
    """Records outlive the process."""
    name = outbox.put("invocation", b"content")
    restarted = Outbox(folder)

    assert (restarted.waiting(), restarted.read(name)) == ([name], b"content")


def test_a_restart_forgets_what_was_never_finished(folder, outbox):
    """A crash in the middle of a put leaves no half record, and no rubbish."""
    incoming = folder.with_name("outbox.incoming")
    (incoming / "00000000000000000001.invocation").write_bytes(b"ha")
    restarted = Outbox(folder)

    assert (restarted.waiting(), list(incoming.iterdir())) == ([], [])


def test_a_put_wakes_the_pump_when_the_record_is_there(outbox):
    """The record can be read by whoever is woken."""
    woken = []
    outbox.on_put(lambda name: woken.append((name, outbox.read(name))))
    name = outbox.put("invocation", b"content")

    assert woken == [(name, b"content")]


def test_a_record_can_be_replaced_in_its_place(outbox):
    """It keeps its name and its turn."""
    first, second = outbox.put("invocation", b"1"), outbox.put("invocation", b"2")
    outbox.replace(first, b"changed")

    assert (outbox.waiting(), outbox.read(first)) == ([first, second], b"changed")


def test_the_oldest_wanted_records_are_listed_first(outbox):
    """So many at most, and whether there are more."""
    names = [outbox.put(kind, b"") for kind in ("a", "b") * 4]
    wanted = names[::2]

    def is_a(name):
        return name.kind == "a"

    assert outbox.oldest(3, is_a) == (wanted[:3], True)
    assert outbox.oldest(4, is_a) == (wanted, False)


def test_a_folder_that_was_deleted_holds_nothing(outbox, folder):
    """Somebody tidied up under a running emulator."""
    folder.rmdir()

    assert outbox.oldest(3, lambda _: True) == ([], False)


def test_clear_forgets_everything(outbox, folder):
    """As a reset does; files of others in the folder are no exception."""
    outbox.put("invocation", b"")
    Path(folder / "stray").write_bytes(b"")
    outbox.clear()

    assert outbox.waiting() == []
