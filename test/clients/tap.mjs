// SPDX-License-Identifier: Apache-2.0
// Cases that print TAP: each runs even if an earlier one failed, since a client's trouble has many faces.
import assert from 'node:assert/strict';

const cases = [];

/** One behaviour that a client depends on; the name is a sentence. */
export function test(name, run) {
  cases.push({ name, run });
}

export async function finish() {
  let failed = 0;
  console.log(`1..${cases.length}`);
  for (const [i, { name, run }] of cases.entries()) {
    try {
      await run();
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} - ${name}`);
      const text = `${error.statusCode ?? ''} ${error.code ?? ''} ${error.stack ?? error}\n${error.body ?? ''}`;
      for (const line of text.split('\n')) console.log(`# ${line}`);
    }
  }
  process.exit(failed ? 1 : 0);
}

export { assert };
