// Keeps the export section current, and leaves the rest of the page alone. Without it, the same
// forms load the same page as a whole.

// For moments: when the export renews is told in the reader's time zone.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
document.cookie = `zone=${timeZone}; Path=/; SameSite=Strict; Max-Age=31536000`;

const announcer = document.getElementById("announcer");
const section = () => document.getElementById("export");
let busy = false;
let told; // the state that the last event told of, until it is shown

async function update(address, method, wanted) {
  busy = true;
  section().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method, headers: { "X-Part": "export" } });
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.text(), wanted);
  } catch {
    section().removeAttribute("aria-busy");
    const trouble = section().querySelector("[data-trouble]");
    trouble.hidden = false;
    announce(trouble);
  } finally {
    busy = false;
  }
  follow();
}

// Focus goes along only if the person acted here, or was in what is replaced: then the new heading
// is read, and what describes it. Otherwise the news is announced, and focus stays where it is.
function show(html, wanted) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("export");
  const inside = section().contains(document.activeElement);
  section().replaceWith(fresh);
  if (wanted || inside) fresh.querySelector("h2").focus();
  else announce(fresh.querySelector("[data-news]") ?? fresh.querySelector("h2"));
}

function announce(element) {
  announcer.textContent = element.textContent.trim();
}

function follow() {
  const { state, address } = section().dataset;
  if (busy || told === undefined) return;
  const news = told !== state;
  told = undefined;
  if (news) update(`${address}?was=${state}`, "GET", false);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-in-place]")) return;
  event.preventDefault();
  if (!busy) update(event.target.action, "POST", true);
});

new EventSource("/events").addEventListener("export", ({ data }) => {
  told = data;
  follow();
});
