// SPDX-License-Identifier: Apache-2.0
// The page of a browser that shows what ferry-oobe-kiosk says and sends back what the person does.
import { buttons, code, content, element, mark, morphChildren } from "./parts.js";

const RETRY_MS = 1000;
// Pages on which nothing goes on.
const ENDS = ["ended", "signedout"];
const at = (id) => document.getElementById(id);

// The token came in the fragment; it stays in this tab only, so that a reload finds it again.
const token = location.hash.slice(1) || sessionStorage.getItem("token") || "";
sessionStorage.setItem("token", token);
history.replaceState(null, "", "/");

let page = null;
let seen = 0;
let inView;

function send(path, options = {}) {
	return fetch(path, { ...options, cache: "no-store", credentials: "omit",
		headers: { "X-Ferry-Kiosk": token, "Content-Type": "application/json" } });
}

function problem(text) {
	at("problem").textContent = text;
}

async function act(message) {
	problem("");
	try {
		await send("/api/act", { method: "POST", body: JSON.stringify({ page: page.page, ...message }) });
	} catch {
		// The next answer of the long poll says what became of it.
	}
}

function given() {
	const form = at("form");
	const chosen = form.querySelector("input[type=radio]:checked");
	const switches = form.querySelectorAll("input[role=switch]");
	const message = {};
	if (chosen) message.choice = Number(chosen.value);
	if (switches.length) message.on = [...switches].filter((s) => s.checked).map((s) => Number(s.value));
	const fields = form.querySelectorAll(".field input");
	if (fields.length) message.fields = Object.fromEntries([...fields].map((input) => [input.name, input.value]));
	return message;
}

function press(action) {
	if (!page || page.busy) return;
	const message = { action, ...given() };
	const primary = page.buttons.find((button) => button.primary)?.action;
	const empty = [...at("form").querySelectorAll(".field input")].find((input) => !input.value);
	if (action === primary && empty) {
		problem(page.words.empty);
		empty.setAttribute("aria-invalid", "true");
		empty.focus();
		return;
	}
	if (action !== primary) delete message.fields;
	act(message);
	for (const input of at("form").querySelectorAll("input[type=password], #code")) input.value = "";
}

// WCAG relative luminance: texts on the organization's colour must be readable whatever it is.
function luminance(color) {
	const parts = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255)
		.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
	return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

function paint(color) {
	const root = document.documentElement.style;
	const wanted = color ?? "#0f6cbd";
	const light = luminance(wanted);
	root.setProperty("--brand", wanted);
	root.setProperty("--on-brand", 1.05 / (light + 0.05) >= 4.5 ? "#ffffff" : "#1a1a1a");
	// On white the colour itself must stand out too.
	root.setProperty("--line", 1.05 / (light + 0.05) >= 3 ? wanted : "#616161");
}

function side() {
	morphChildren(at("brand"), [page.logo ? element("img", { src: page.logo, alt: page.brand }) :
		element("span", {}, page.brand)]);
	const waits = !page.buttons.some((button) => !button.action.startsWith(":")) && !ENDS.includes(page.name);
	const picture = page.qr ? code(page.qr, page.words) : page.theme === "green" ? mark("done") :
		page.theme === "red" ? mark("error") : waits ?
			element("div", { class: "dots", "aria-hidden": "true" }, ...Array.from({ length: 5 }, () => element("i"))) :
			element("div", { class: "letter", "aria-hidden": "true" }, [...page.brand][0]);
	morphChildren(at("picture"), picture ? [picture] : []);
	at("hint").textContent = page.winkey ? page.words.winkey : "";
}

function focus() {
	const first = at("content").querySelector("input[type=radio]:checked, input[role=switch]");
	const empty = [...at("content").querySelectorAll(".field input")].find((input) => !input.value);
	const primary = at("buttons").querySelector("[type=submit]");
	((page.optional ? primary : first) ?? empty ?? primary ?? at("title")).focus();
}

// What a screen reader is told once when the page stays the same: what changed, but not the clock.
function news(before) {
	const now = page.blocks.filter((block) => !block.quiet && block.kind === "row").map((block) =>
		[block.label, block.text].filter(Boolean).join(": "));
	const old = new Set(before.blocks.map((block) => [block.label, block.text].filter(Boolean).join(": ")));
	const fresh = now.filter((text) => !old.has(text));
	if (fresh.length) at("news").textContent = fresh.join(". ");
}

// On the status page the row that failed, or the one that runs, is in view; each once, so that nobody is scrolled away.
function followRow() {
	const row = page.name === "esp" ? at("content").querySelector(".row.bad:not(.strong):not(.indent0)") ??
		at("content").querySelector(".mark.now")?.closest(".row") : null;
	const what = row?.querySelector(".what").textContent;
	if (what && what !== inView) (row.nextElementSibling?.matches(".indent4") ? row.nextElementSibling : row).scrollIntoView({ block: "nearest" });
	inView = what;
}

function show(next) {
	const before = page;
	const other = !before || before.page !== next.page || before.name !== next.name ||
		before.blocks.some((block, i) => block.kind === "field" && block.field !== next.blocks[i]?.field);
	page = next;
	document.documentElement.lang = page.language;
	document.title = page.title;
	document.body.className = page.theme;
	document.body.dataset.page = page.name;
	paint(page.color);
	side();
	at("title").textContent = page.title;
	if (other) {
		problem("");
		at("content").replaceChildren(...content(page));
		at("buttons").replaceChildren(...buttons(page));
		at("content").scrollTop = 0;
		at("news").textContent = "";
		focus();
	} else {
		const active = document.activeElement?.dataset?.action;
		morphChildren(at("content"), content(page));
		morphChildren(at("buttons"), buttons(page));
		if (active && document.activeElement === document.body)
			at("buttons").querySelector(`[data-action="${CSS.escape(active)}"]`)?.focus();
		// What ran has ended, and now something can be done: nobody has to look for it with Tab.
		if (!before.buttons.length && next.buttons.length && !at("form").querySelector("input:focus")) focus();
		news(before);
	}
	followRow();
	// What scrolls must be reachable by keyboard.
	at("content").tabIndex = at("content").scrollHeight > at("content").clientHeight ? 0 : -1;
	at("form").setAttribute("aria-busy", String(page.busy));
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow() {
	for (;;) {
		try {
			const answer = await send(`/api/page?after=${seen}`);
			at("lost").hidden = true;
			if (answer.status === 200) {
				const next = await answer.json();
				seen = next.number;
				show(next);
				continue;
			}
			if (answer.status === 204) continue;
			at("lost").textContent = await answer.text();
		} catch {
			// A program that begins anew counts anew.
			seen = 0;
			at("lost").textContent = page?.words.lost ?? "…";
		}
		at("lost").hidden = false;
		await pause(RETRY_MS);
	}
}

at("form").addEventListener("submit", (event) => {
	event.preventDefault();
	// Enter on an answer that need not be given gives it.
	if (page?.optional && document.activeElement?.type === "radio") press(page.buttons[0].action);
	else press(at("buttons").querySelector("[type=submit]")?.dataset.action);
});

at("form").addEventListener("click", (event) => {
	const button = event.target.closest("button");
	if (button?.classList.contains("show")) {
		const input = at(button.getAttribute("aria-controls"));
		input.type = input.type === "password" ? "text" : "password";
		button.setAttribute("aria-pressed", String(input.type === "text"));
	} else if (button && button.type === "button") {
		press(button.dataset.action);
	}
});

at("form").addEventListener("input", (event) => event.target.removeAttribute("aria-invalid"));

at("form").addEventListener("change", (event) => {
	if (event.target.type === "radio") act({ choice: Number(event.target.value) });
});

document.addEventListener("keydown", (event) => {
	if (event.key === "F12" && page) {
		event.preventDefault();
		act({ action: "winkey" });
		return;
	}
	const typing = event.target.matches?.("input:not([type=radio]):not([type=checkbox])");
	if (typing || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
	const button = at("buttons").querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
	if (button) press(button.dataset.action);
});

follow();
