// The page: settings, FilePond and the list, wired together.

import * as FilePond from "./vendor/filepond.esm.min.js";
import ImagePreview from "./vendor/filepond-plugin-image-preview.esm.min.js";
import { Api } from "./api.js";
import { FileList } from "./list.js";
import { server } from "./uploads.js";

const REFRESH_MILLISECONDS = 2000;
const SECURED = { Store: "store", Delete: "delete" };
const find = (id) => document.getElementById(id);

const defaultRoot = await emulatorRoot();
const settings = {
  key: localStorage.getItem("filestore.key") ?? "",
  root: localStorage.getItem("filestore.root") || defaultRoot,
};
const api = new Api(settings);
let asked = 0; // how many refreshes were begun
let shown = 0; // the latest of them that has been answered
let complaint = ""; // what the last refresh ended with, if it failed
const list = new FileList({ list: find("files"), empty: find("empty") }, act);

FilePond.registerPlugin(ImagePreview);
// Not in the HTML: what is chosen with an input that FilePond then replaces would be lost.
const input = document.createElement("input");
Object.assign(input, { type: "file", multiple: true, ariaLabel: "Files to upload" });
find("upload").append(input);
FilePond.create(input, {
  credits: false,
  maxParallelUploads: 3,
  server: server(api, list),
  labelFileProcessingError: (error) => error.body ?? "Error during upload",
  labelFileProcessingRevertError: (error) => error.body ?? "Error during revert",
});

find("api-key").value = settings.key;
find("api-root").value = settings.root;
find("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  settings.key = find("api-key").value.trim();
  settings.root = find("api-root").value.trim() || defaultRoot;
  find("api-root").value = settings.root;
  localStorage.setItem("filestore.key", settings.key);
  if (settings.root === defaultRoot) localStorage.removeItem("filestore.root");
  else localStorage.setItem("filestore.root", settings.root);
  say("Settings saved.");
  refresh();
});

keepRefreshing();

/** Asks the emulator that serves this page for the API's URL; elsewhere the user types it in. */
async function emulatorRoot() {
  try {
    const { stages } = await (await fetch("emulator.json")).json();
    return Object.values(stages)[0] ?? "";
  } catch {
    return "";
  }
}

async function act(action, file) {
  if (action === "Forget") return list.removed(file.id);
  try {
    if (action === "Download") await download(file);
    else await api[SECURED[action]]([file.id]);
    say(`${action}: ${file.name}`);
  } catch (error) {
    say(`${action} failed: ${error.message}`);
  }
  return refresh();
}

async function download(file) {
  const [details] = await api.info([file.id]);
  if (!details?.url) throw new Error("there is nothing to download any more");
  const link = document.createElement("a");
  link.href = details.url; // S3 answers with Content-Disposition: attachment and the name
  link.click();
}

/** Refreshes again and again, however long an answer takes. */
async function keepRefreshing() {
  if (!document.hidden) await refresh();
  setTimeout(keepRefreshing, REFRESH_MILLISECONDS);
}

async function refresh() {
  const ids = list.ids;
  if (!settings.key || ids.length === 0) return;
  const turn = ++asked;
  try {
    const details = await api.info(ids);
    if (turn < shown) return; // a later one was answered meanwhile, and knows more
    shown = turn;
    list.update(ids, details);
    if (complaint && complaint === find("message").textContent) say("");
    complaint = "";
  } catch (error) {
    complaint = error.message;
    say(complaint);
  }
}

function say(message) {
  find("message").textContent = message;
}
