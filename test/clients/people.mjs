// SPDX-License-Identifier: Apache-2.0
// Cases of people who sign in with Microsoft's library: by code in a browser, by code of a device, silently, and what their
// tokens may do (clients-and-conventions.md section 2.2).
import { CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';
import { Browser } from './browser.mjs';
import { assert, test } from './tap.mjs';

const PASSWORD = 'four quiet ferries cross';
const NAME = 'ada@corp.example.com';
const scopes = ['https://graph.microsoft.com/.default', 'offline_access'];
const redirectUri = 'http://127.0.0.1/cb';

/** `own` calls paths outside of Graph, as a program that may do everything. */
export function people(service, own) {
  const host = new URL(service.url);
  const made = {};

  const application = () => new PublicClientApplication({
    auth: { clientId: made.app.id, authority: `${service.url}/${service.tenant}`, knownAuthorities: [host.host] },
  });
  const graph = (token) => Client.init({
    baseUrl: `${service.url}/`, defaultVersion: 'v1.0', customHosts: new Set([host.hostname]),
    authProvider: (done) => done(null, token),
  });

  async function signIn(browser) {
    await browser.submit({ username: NAME, password: PASSWORD });
  }

  test('a person and a public application are made', async () => {
    made.person = await own('POST', '/ferry/v1/users', {
      userPrincipalName: NAME, displayName: 'Ada', password: PASSWORD, mustChangePassword: false,
      roles: ['Intune Administrator'],
    });
    made.app = await own('POST', '/ferry/v1/clients', {
      displayName: 'Console', public: true, deviceCode: true, nativeRedirectUris: [redirectUri],
    });
    assert.ok(made.person.id && made.app.id);
  });

  test('msal-node signs a person in by a code with PKCE', async () => {
    const msal = application();
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const address = await msal.getAuthCodeUrl({
      scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256', state: 'here',
    });
    const browser = new Browser(service.url);
    await browser.go(address);
    const back = await browser.submit({ username: NAME, password: PASSWORD });
    assert.equal(back.searchParams.get('state'), 'here');
    const answer = await msal.acquireTokenByCode({
      code: back.searchParams.get('code'), scopes, redirectUri, codeVerifier: verifier,
    });
    assert.equal(answer.account.username, NAME);
    assert.equal(answer.account.homeAccountId, `${made.person.id}.${service.tenant}`);
    const me = await graph(answer.accessToken).api('/me').get();
    assert.equal(me.userPrincipalName, NAME);
    made.msal = msal;
    made.account = answer.account;
  });

  test('the token is kept, and renewed without the person', async () => {
    const kept = await made.msal.acquireTokenSilent({ account: made.account, scopes });
    assert.equal(kept.fromCache, true);
    const fresh = await made.msal.acquireTokenSilent({ account: made.account, scopes, forceRefresh: true });
    assert.equal(fresh.fromCache, false);
    assert.notEqual(fresh.accessToken, kept.accessToken);
    const { value } = await graph(fresh.accessToken).api('/deviceManagement/managedDevices').get();
    assert.ok(Array.isArray(value));
  });

  test('msal-node signs a person in by the code of a device', async () => {
    const answer = await application().acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: async ({ userCode, verificationUri }) => {
        const browser = new Browser(service.url);
        await browser.go(`${verificationUri}?next=device`);
        await signIn(browser);
        if (!/name="user_code"/.test(browser.page)) await browser.go('/signin/device?next=device');
        await browser.submit({ user_code: userCode });
        await browser.submit({ answer: 'yes' });
      },
    });
    assert.equal(answer.account.username, NAME);
    const me = await graph(answer.accessToken).api('/me').get();
    assert.equal(me.id, made.person.id);
    // Such a token may read, and may not register devices, whoever talked the person into it.
    await graph(answer.accessToken).api('/deviceManagement/windowsAutopilotDeviceIdentities').get();
    const error = await graph(answer.accessToken).api('/deviceManagement/importedWindowsAutopilotDeviceIdentities/import')
      .post({ importedWindowsAutopilotDeviceIdentities: [] }).catch((e) => e);
    assert.equal(error.statusCode, 403, String(error.statusCode));
  });

  test('what a person does is in the audit log with their name', async () => {
    const { accessToken } = await made.msal.acquireTokenSilent({ account: made.account, scopes });
    const group = await graph(accessToken).api('/groups').post({
      displayName: 'By Ada', mailEnabled: false, mailNickname: 'ada', securityEnabled: true, groupTypes: [],
    });
    const { value } = await graph(accessToken).api('/deviceManagement/auditEvents').top(1).get();
    assert.equal(value[0].actor.userPrincipalName, NAME);
    assert.equal(value[0].actor.userId, made.person.id);
    assert.equal(value[0].resources[0].resourceId, group.id);
    await graph(accessToken).api(`/groups/${group.id}`).delete();
  });
}
