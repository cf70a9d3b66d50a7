// SPDX-License-Identifier: Apache-2.0
// A browser without script, as far as the sign-in pages need one: keeps cookies, follows redirects, fills in forms.
import { assert } from './tap.mjs';

const entities = { '&amp;': '&', '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>' };
const plain = (text) => text.replace(/&(?:amp|quot|#39|lt|gt);/g, (e) => entities[e]);
const attribute = (tag, name) => plain(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? '');

export class Browser {
  constructor(origin) {
    this.origin = origin;
    this.cookies = new Map();
  }

  /** The last answer of a chain of redirects, or the redirect that leads away from the service. */
  async go(address, form) {
    const headers = { Cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ') };
    if (form) Object.assign(headers, { Origin: this.origin, 'Sec-Fetch-Site': 'same-origin' });
    const answer = await fetch(new URL(address, this.origin), {
      method: form ? 'POST' : 'GET', headers, redirect: 'manual', body: form && new URLSearchParams(form),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      this.cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    if (!to) {
      this.page = await answer.text();
      return undefined;
    }
    const next = new URL(to, this.origin);
    return next.origin === this.origin ? this.go(next.href) : next;
  }

  /** Send the page's first form with these fields. */
  async submit(fields) {
    const [, form, inside] = this.page.match(/(<form[^>]*>)([\s\S]*?)<\/form>/) ?? [];
    assert.ok(form, `no form: ${this.page}`);
    const sent = {};
    for (const [input] of inside.matchAll(/<input[^>]*>/g)) sent[attribute(input, 'name')] = attribute(input, 'value');
    return this.go(attribute(form, 'action'), { ...sent, ...fields });
  }
}
