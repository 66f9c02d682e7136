// What the pages share: asking the server, and making elements whose text is never markup.

if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", location.pathname + location.hash);

// An element with properties and children; strings become text.
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A link if the address leads to http or https, else its text.
export function link(url, text = url) {
  let known;
  try {
    known = new URL(url);
  } catch {
    known = null;
  }
  if (!known || !["http:", "https:"].includes(known.protocol)) return element("span", {}, text);
  return element("a", { href: known.href, target: "_blank", rel: "noreferrer noopener" }, text);
}

export const get = async (path, signal) => (await replied(fetch(path, { signal }))).json();

export const post = async (path, body, signal) => (await posted(path, body, signal)).json();

export const posted = (path, body, signal) => replied(
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal }),
);

// The reply, if it is a good one. Throws an Error with what the server says, or that it is not there.
async function replied(asked) {
  let reply;
  try {
    reply = await asked;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is it still running in the terminal?");
  }
  if (reply.ok) return reply;
  const text = await reply.text();
  let told;
  try {
    told = JSON.parse(text).error;
  } catch {
    told = text; // a refusal of the guard is plain text
  }
  throw new Error(told || `The server answers ${reply.status}.`);
}
