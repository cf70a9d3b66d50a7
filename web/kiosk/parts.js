// SPDX-License-Identifier: Apache-2.0
// What each block of a page looks like: data in, elements out; nothing here knows the network.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes))
		if (value === true) made.setAttribute(key, "");
		else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
	made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
	return made;
}

function drawing(name, attributes, ...children) {
	const made = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

const MARKS = {
	done: ["M5 12.5l4.5 4.5L19 7.5"],
	error: ["M7 7l10 10M17 7L7 17"],
	warn: ["M12 4v10M12 18.5v.5"],
};

// A mark's meaning stands beside it in words; the drawing is for the eye only.
export function mark(kind) {
	const attributes = { viewBox: "0 0 24 24", class: `mark ${kind}`, "aria-hidden": "true", focusable: "false" };
	if (kind === "now") return drawing("svg", attributes, drawing("circle", { cx: 12, cy: 12, r: 8 }));
	return drawing("svg", attributes, ...MARKS[kind].map((d) => drawing("path", { d })));
}

export function ring(percent, words) {
	const length = 2 * Math.PI * 54;
	return element("div", { class: "ring", role: "progressbar", "aria-label": words.progress, "aria-valuemin": 0,
		"aria-valuemax": 100, "aria-valuenow": percent },
		drawing("svg", { viewBox: "0 0 120 120", "aria-hidden": "true", focusable: "false" },
			drawing("circle", { class: "track", cx: 60, cy: 60, r: 54 }),
			drawing("circle", { class: "done", cx: 60, cy: 60, r: 54,
				"stroke-dasharray": `${(length * percent) / 100} ${length}` })),
		element("span", { "aria-hidden": "true" }, `${percent} %`));
}

// Dark modules as one path on a light ground with its quiet zone, whatever the colours around it.
export function code(qr, words) {
	let path = "";
	for (let y = 0; y < qr.size; y++)
		for (let x = 0; x < qr.size; x++)
			if (qr.dark[y * qr.size + x] === "1") path += `M${x + 4} ${y + 4}h1v1h-1z`;
	const side = qr.size + 8;
	return drawing("svg", { viewBox: `0 0 ${side} ${side}`, class: "code", role: "img", "aria-label": words.qr,
		"shape-rendering": "crispEdges" },
		drawing("rect", { width: side, height: side, fill: "#fff" }), drawing("path", { d: path, fill: "#000" }));
}

function row(block, words) {
	const kind = block.mark ?? null;
	return element("li", { class: `row ${block.tone} indent${block.indent}`, "data-quiet": block.quiet },
		kind ? mark(kind) : element("span", { class: "mark" }),
		element("span", { class: "what" }, block.label),
		block.text || kind ? element("span", { class: block.text ? "state" : "unseen" },
			block.text || words[kind]) : null);
}

function choice(block, page) {
	const id = `choice${block.index}`;
	return element("div", { class: "choice" },
		element("input", { type: "radio", name: "choice", id, value: block.index, checked: block.index === page.choice }),
		element("label", { for: id }, block.label));
}

function toggle(block) {
	const id = `switch${block.index}`;
	return element("div", { class: "switch" },
		element("div", {}, element("label", { for: id }, block.label),
			block.text ? element("p", { id: `${id}about` }, block.text) : null),
		element("input", { type: "checkbox", role: "switch", id, value: block.index, checked: block.on,
			"aria-describedby": block.text ? `${id}about` : null }));
}

function field(block, page) {
	const secret = block.field === "password";
	const input = element("input", { type: secret ? "password" : "text", id: block.field, name: block.field,
		maxlength: 255, required: true, autocapitalize: "none", spellcheck: "false",
		autocomplete: secret ? "current-password" : block.field === "code" ? "one-time-code" : "username",
		inputmode: block.field === "code" ? "numeric" : null, value: block.value });
	const show = secret ? element("button", { type: "button", class: "show", "aria-pressed": "false",
		"aria-controls": block.field, "aria-label": page.words.showPassword },
		drawing("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
			drawing("path", { d: "M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7z" }),
			drawing("circle", { cx: 12, cy: 12, r: 3 }))) : null;
	return element("div", { class: "field" }, element("label", { for: block.field }, block.label),
		element("div", { class: "box" }, input, show));
}

// Blocks of one kind that stand together share a list.
const GROUPS = {
	row: () => element("ul", { class: "rows" }),
	fact: () => element("dl", { class: "facts" }),
	choice: (page) => element("div", { class: "choices", role: "radiogroup", "aria-labelledby": "title" }),
	switch: () => element("div", { class: "switches" }),
};

const MAKE = {
	text: (block) => element("p", { class: block.tone, role: block.tone === "bad" ? "alert" : null }, block.text),
	fact: (block) => element("div", { "data-quiet": block.quiet }, element("dt", {}, block.label),
		element("dd", {}, block.text)),
	row: (block, page) => row(block, page.words),
	choice,
	switch: toggle,
	field,
	meter: (block, page) => ring(block.index, page.words),
};

export function content(page) {
	const parts = [];
	let group = null;
	let of = null;
	for (const block of page.blocks) {
		if (block.kind === "text" && !block.text) {
			of = null;
			continue;
		}
		const made = MAKE[block.kind](block, page);
		if (!GROUPS[block.kind]) {
			of = null;
			parts.push(made);
			continue;
		}
		if (of !== block.kind) {
			group = GROUPS[block.kind](page);
			parts.push(group);
			of = block.kind;
		}
		group.append(made);
	}
	return parts;
}

export function buttons(page) {
	return page.buttons.map((button) => element("button", { type: button.primary ? "submit" : "button",
		class: button.primary && !button.action.startsWith(":") ? "primary" : null, "data-action": button.action, "data-key": button.key || null,
		"aria-keyshortcuts": button.key || null, disabled: page.busy }, button.label));
}

// Make `old` like `made` and keep what is the same: what has the focus, what is typed, where somebody scrolled to.
export function morph(old, made) {
	if (old.nodeType !== made.nodeType || old.nodeName !== made.nodeName ||
		(old.nodeType === Node.ELEMENT_NODE && old.id !== made.id)) {
		old.replaceWith(made);
		return;
	}
	if (old.nodeType === Node.TEXT_NODE) {
		if (old.data !== made.data) old.data = made.data;
		return;
	}
	for (const { name } of [...old.attributes]) if (!made.hasAttribute(name)) old.removeAttribute(name);
	for (const { name, value } of made.attributes)
		if (name !== "value" && old.getAttribute(name) !== value) old.setAttribute(name, value);
	if (old.type === "radio") old.checked = made.checked;
	morphChildren(old, [...made.childNodes]);
}

export function morphChildren(parent, made) {
	const old = [...parent.childNodes];
	made.forEach((child, i) => (old[i] ? morph(old[i], child) : parent.append(child)));
	old.slice(made.length).forEach((child) => child.remove());
}
