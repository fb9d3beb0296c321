// The calls of the Filestore API. Each returns what the API answers, or throws an ApiError.

export class ApiError extends Error {}

export class Api {
  /** @param {{root: string, key: string}} settings read at each call, so that a change counts */
  constructor(settings) {
    this.settings = settings;
  }

  /** Announces a file; answers {id, url}: where to PUT it. */
  announce(name, signal) {
    return this.#call("POST", "/file", { name }, { signal });
  }

  /** Takes back an upload that is not stored yet. */
  revert(id) {
    return this.#call("DELETE", `/file/${encodeURIComponent(id)}`);
  }

  /** Details of files, deleted ones too. */
  info(ids) {
    return this.#call("POST", "/files/?deleted=yes&nonstored=yes", ids, { secured: true });
  }

  store(ids) {
    return this.#call("PUT", "/files/", ids, { secured: true });
  }

  delete(ids) {
    return this.#call("DELETE", "/files/", ids, { secured: true });
  }

  async #call(method, path, body, { secured = false, signal } = {}) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (secured) headers["x-api-key"] = this.settings.key;
    const request = { method, headers, signal, body: JSON.stringify(body) };
    let response;
    try {
      response = await fetch(this.settings.root.replace(/\/$/, "") + path, request);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(`the API at ${this.settings.root} does not answer`);
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const hint = secured && response.status === 403 ? " (is the API key right?)" : "";
    throw new ApiError(`${answer.message ?? `status ${response.status}`}${hint}`);
  }
}

/** PUTs a file to a presigned URL; `fetch` cannot tell progress. Returns a function that aborts. */
export function put(url, file, { progress, done, failed }) {
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => progress(event.lengthComputable, event.loaded, event.total);
  request.onload = () => {
    if (request.status === 200) return done();
    const code = request.responseXML?.querySelector("Code")?.textContent;
    return failed(`S3 refused the file: ${code ?? `status ${request.status}`}`);
  };
  request.onerror = () => failed("S3 does not answer");
  request.open("PUT", url);
  request.send(file);
  return () => request.abort();
}
