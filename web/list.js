// The list of what was uploaded from this browser, with each file's state as the API tells it.

const KEPT = "filestore.files";
const NEWEST_FIRST = 100;

/** What the user can do with a file in a state. */
const ACTIONS = {
  announced: [],
  uploaded: ["Store", "Delete"],
  stored: ["Download", "Delete"],
  deleted: ["Forget"],
  unknown: ["Forget"],
};

export class FileList {
  /**
   * @param {{list: HTMLElement, empty: HTMLElement}} elements
   * @param {(action: string, file: object) => void} act called when a button is pressed
   */
  constructor(elements, act) {
    this.elements = elements;
    this.act = act;
    this.files = kept();
    this.render();
  }

  get ids() {
    return this.files.map((file) => file.id);
  }

  added(file) {
    this.#change([{ ...file, state: "announced" }, ...this.files].slice(0, NEWEST_FIRST));
  }

  removed(id) {
    this.#change(this.files.filter((file) => file.id !== id));
  }

  /**
   * Takes over what the API says of the files that it was asked for; those it does not know are
   * gone. A file that came meanwhile is none of them.
   */
  update(asked, details) {
    const byId = new Map(details.map((detail) => [detail.id, detail]));
    const change = (file) => ({ ...file, ...describe(byId.get(file.id)) });
    this.#change(this.files.map((file) => (asked.includes(file.id) ? change(file) : file)));
  }

  #change(files) {
    if (JSON.stringify(files) === JSON.stringify(this.files)) return;
    this.files = files;
    localStorage.setItem(KEPT, JSON.stringify(files));
    this.render();
  }

  render() {
    const { key, row } = focusedIn(this.elements.list);
    this.elements.empty.hidden = this.files.length > 0;
    this.elements.list.replaceChildren(...this.files.map((file) => this.#row(file)));
    if (!row) return;
    // A button that is gone, Store of a stored file, leaves the focus to its row's next.
    const now = this.elements.list.querySelector(`[data-id="${row}"]`);
    (now?.querySelector(`[data-key="${key}"]`) ?? now?.querySelector("button"))?.focus();
  }

  #row(file) {
    const row = element("li", { className: "file" });
    row.dataset.id = file.id;
    row.dataset.state = file.state;
    const size = file.size === undefined ? "" : formatSize(file.size);
    row.append(
      element("span", { className: "name", textContent: file.name }),
      element("span", { className: "size", textContent: size }),
      element("span", { className: "state", textContent: file.state }),
      ...ACTIONS[file.state].map((action) => this.#button(action, file)),
    );
    return row;
  }

  #button(action, file) {
    const button = element("button", { type: "button", textContent: action });
    button.setAttribute("aria-label", `${action} ${file.name}`);
    button.dataset.key = `${action}-${file.id}`;
    button.addEventListener("click", () => this.act(action, file));
    return button;
  }
}

function focusedIn(list) {
  const focused = list.contains(document.activeElement) ? document.activeElement : undefined;
  return { key: focused?.dataset.key, row: focused?.closest(".file")?.dataset.id };
}

/** What an earlier visit left; a browser may have lost or damaged it. */
function kept() {
  try {
    const files = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return files.filter((file) => file.id && file.state in ACTIONS);
  } catch {
    return [];
  }
}

function describe(detail) {
  if (!detail) return { state: "unknown" };
  const state =
    (detail.deleted_at && "deleted") ||
    (detail.stored_at && "stored") ||
    (detail.uploaded_at && "uploaded") ||
    "announced";
  return { state, size: detail.size ?? undefined };
}

function formatSize(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${(bytes / 1000 ** power).toLocaleString("en", { maximumFractionDigits: 1 })} ${units[power]}`;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
