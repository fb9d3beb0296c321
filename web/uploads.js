// FilePond's `server`: announce the file, PUT it to S3, and take it back when the user reverts.

import { put } from "./api.js";

/**
 * @param {import("./api.js").Api} api
 * @param {{added: (file: {id: string, name: string}) => void, removed: (id: string) => void}} list
 */
export function server(api, list) {
  return {
    process(_field, file, _metadata, load, error, progress, abort) {
      const announcing = new AbortController();
      let cancel = () => announcing.abort();
      api.announce(file.name, announcing.signal).then(
        ({ id, url }) => {
          const takeBack = () => api.revert(id).catch(() => {}); // what is left expires
          const done = () => {
            list.added({ id, name: file.name });
            load(id);
          };
          const failed = (message) => {
            takeBack();
            error(message);
          };
          const abortUpload = put(url, file, { progress, done, failed });
          cancel = () => {
            abortUpload();
            takeBack();
          };
        },
        (reason) => reason.name === "AbortError" || error(reason.message),
      );
      return {
        abort() {
          cancel();
          abort();
        },
      };
    },

    revert(id, load, error) {
      api.revert(id).then(
        () => {
          list.removed(id);
          load();
        },
        (reason) => error(reason.message),
      );
    },

    load: null,
    restore: null,
    fetch: null,
  };
}
