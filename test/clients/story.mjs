// SPDX-License-Identifier: Apache-2.0
// story.mjs SERVICE.json HASHES.json: the registration → assignment story as the community's tools run it, with Microsoft's own
// sign-in and Graph libraries (graph-api.md section 3, clients-and-conventions.md section 2.4).
import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { people } from './people.mjs';
import { assert, finish, test } from './tap.mjs';

const service = JSON.parse(readFileSync(process.argv[2]));
const hashes = JSON.parse(readFileSync(process.argv[3]));
const host = new URL(service.url);
const DM = '/deviceManagement';
const IDENTITIES = `${DM}/windowsAutopilotDeviceIdentities`;
const IMPORTED = `${DM}/importedWindowsAutopilotDeviceIdentities`;
const PROFILES = `${DM}/windowsAutopilotDeploymentProfiles`;
const ESPS = `${DM}/deviceEnrollmentConfigurations`;

function application(secret = service.clientSecret) {
  return new ConfidentialClientApplication({
    auth: {
      clientId: service.clientId, clientSecret: secret, authority: `${service.url}/${service.tenant}`,
      knownAuthorities: [host.host],
    },
  });
}

const msal = application();
const scopes = ['https://graph.microsoft.com/.default'];

function graph(version) {
  return Client.init({
    baseUrl: `${service.url}/`, defaultVersion: version, customHosts: new Set([host.hostname]),
    authProvider: async (done) => {
      const token = await msal.acquireTokenByClientCredential({ scopes });
      done(null, token.accessToken);
    },
  });
}

const beta = graph('beta');
const v1 = graph('v1.0');
const made = {};

async function refused(promise, status) {
  const error = await promise.then(() => assert.fail('this must be refused'), (e) => e);
  assert.equal(error.statusCode, status, `${error.statusCode} ${error.body}`);
  return error;
}

async function identity(serial, expand) {
  let request = beta.api(IDENTITIES).filter(`contains(serialNumber,'${serial}')`);
  if (expand) request = request.expand(expand);
  return (await request.get()).value[0];
}

test('msal-node signs in with a client secret and keeps the token', async () => {
  const first = await msal.acquireTokenByClientCredential({ scopes });
  assert.equal(first.tokenType, 'Bearer');
  assert.ok(first.expiresOn > new Date(Date.now() + 60_000));
  const second = await msal.acquireTokenByClientCredential({ scopes });
  assert.equal(second.accessToken, first.accessToken);
});

test('msal-node says that the secret is wrong', async () => {
  const error = await application('wrong').acquireTokenByClientCredential({ scopes }).catch((e) => e);
  assert.equal(error.errorCode, 'invalid_client', String(error));
  assert.match(error.errorMessage, /AADSTS7000215/);
});

test('the organization is found', async () => {
  const { value } = await v1.api('/organization').get();
  assert.equal(value[0].id, service.tenant);
  assert.ok(value[0].verifiedDomains.some((d) => d.isInitial && d.name));
});

test('a dynamic group is made, and a wrong rule is refused with its column', async () => {
  const rule = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:story"))';
  const body = {
    displayName: 'Story devices', mailEnabled: false, mailNickname: 'story', securityEnabled: true,
    groupTypes: ['DynamicMembership'], membershipRule: rule, membershipRuleProcessingState: 'On',
  };
  made.group = await v1.api('/groups').post(body);
  assert.equal(made.group.membershipRule, rule);
  assert.deepEqual(made.group.groupTypes, ['DynamicMembership']);
  const error = await refused(
    v1.api('/groups').post({ ...body, displayName: 'x', mailNickname: 'x', membershipRule: '(device.nonsense -eq "1")' }), 400);
  assert.match(error.body, /column/);
});

test('a profile is made with the newer names and read with both generations', async () => {
  made.profile = await beta.api(PROFILES).post({
    '@odata.type': '#microsoft.graph.azureADWindowsAutopilotDeploymentProfile', displayName: 'Story', description: 'd',
    locale: 'os-default', deviceType: 'windowsPc', preprovisioningAllowed: true, hardwareHashExtractionEnabled: false,
    deviceNameTemplate: 'FY-%SERIAL%', roleScopeTagIds: ['0'],
    outOfBoxExperienceSetting: {
      privacySettingsHidden: true, eulaHidden: true, userType: 'standard', deviceUsageType: 'singleUser',
      keyboardSelectionPageSkipped: true, escapeLinkHidden: true,
    },
  });
  assert.equal(made.profile['@odata.type'], '#microsoft.graph.azureADWindowsAutopilotDeploymentProfile');
  const read = await beta.api(`${PROFILES}/${made.profile.id}`).get();
  assert.equal(read.preprovisioningAllowed, true);
  assert.equal(read.enableWhiteGlove, true);
  assert.equal(read.outOfBoxExperienceSettings.hideEULA, true);
  assert.equal(read.outOfBoxExperienceSetting.userType, 'standard');
});

test('a profile is made with the older names', async () => {
  const old = await beta.api(PROFILES).post({
    '@odata.type': '#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile', displayName: 'Old names',
    description: '', language: 'en-US', extractHardwareHash: false, enableWhiteGlove: true,
    hybridAzureADJoinSkipConnectivityCheck: true,
    outOfBoxExperienceSettings: {
      hidePrivacySettings: true, hideEULA: true, userType: 'administrator', deviceUsageType: 'singleUser',
      skipKeyboardSelectionPage: false, hideEscapeLink: true,
    },
  });
  const read = await beta.api(`${PROFILES}/${old.id}`).get();
  assert.equal(read.locale, 'en-US');
  assert.equal(read.preprovisioningAllowed, true);
  assert.equal(read.hybridAzureADJoinSkipConnectivityCheck, true);
  assert.equal(read.outOfBoxExperienceSetting.eulaHidden, true);
  await beta.api(`${PROFILES}/${old.id}`).delete();
});

test('the profile is assigned to the group', async () => {
  const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: made.group.id };
  await beta.api(`${PROFILES}/${made.profile.id}/assignments`).post({ target });
  const { value } = await beta.api(`${PROFILES}/${made.profile.id}/assignments`).get();
  assert.equal(value.length, 1);
  assert.equal(value[0].target.groupId, made.group.id);
  assert.ok(value[0].id.startsWith(`${made.profile.id}_${made.group.id}`), value[0].id);
});

test('an Enrollment Status Page is made, assigned and found by its type', async () => {
  made.esp = await beta.api(ESPS).post({
    '@odata.type': '#microsoft.graph.windows10EnrollmentCompletionPageConfiguration', displayName: 'Story page',
    showInstallationProgress: true, installProgressTimeoutInMinutes: 60, allowNonBlockingAppInstallation: false,
  });
  const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: made.group.id };
  await beta.api(`${ESPS}/${made.esp.id}/assign`).post({ enrollmentConfigurationAssignments: [{ target }] });
  const all = (await beta.api(ESPS).get()).value;
  const page = all.find((c) => c.displayName === 'Story page');
  assert.equal(page['@odata.type'], '#microsoft.graph.windows10EnrollmentCompletionPageConfiguration');
  assert.equal(page.showInstallationProgress, true);
});

test('an import is complete and assigned when the pollers look', async () => {
  const rows = hashes.slice(0, 5).map(({ serial, hash }, i) => ({
    '@odata.type': '#microsoft.graph.importedWindowsAutopilotDeviceIdentity', groupTag: 'story', serialNumber: serial,
    productKey: '', hardwareIdentifier: hash, importId: 'batch-1', assignedUserPrincipalName: i ? '' : 'kim@example.com',
    state: {
      '@odata.type': 'microsoft.graph.importedWindowsAutopilotDeviceIdentityState', deviceImportStatus: 'pending',
      deviceRegistrationId: '', deviceErrorCode: 0, deviceErrorName: '',
    },
  }));
  await beta.api(`${IMPORTED}/import`).post({ importedWindowsAutopilotDeviceIdentities: rows });
  const { value } = await beta.api(IMPORTED).filter("importId eq 'batch-1'").get();
  assert.equal(value.length, 5);
  assert.ok(value.every((r) => r.state.deviceImportStatus === 'complete'), JSON.stringify(value));
  await beta.api(`${DM}/windowsAutopilotSettings/sync`).post({});
  for (const row of value) {
    const device = await beta.api(`${IDENTITIES}/${row.state.deviceRegistrationId}`).get();
    assert.equal(device.serialNumber, row.serialNumber);
    assert.match(device.deploymentProfileAssignmentStatus, /^assigned/);
  }
  for (const row of value) await beta.api(`${IMPORTED}/${row.id}`).delete();
  assert.equal((await beta.api(IMPORTED).filter("importId eq 'batch-1'").get()).value.length, 0);
});

test('a single import works, and a second one says 806', async () => {
  const { serial, hash } = hashes[5];
  const row = { serialNumber: serial, hardwareIdentifier: hash, groupTag: 'story', importId: 'one' };
  const first = await beta.api(IMPORTED).post(row);
  assert.equal(first.state.deviceImportStatus, 'complete');
  const second = await beta.api(IMPORTED).post(row);
  assert.equal(second.state.deviceImportStatus, 'error');
  assert.equal(second.state.deviceErrorCode, 806);
  assert.equal(second.state.deviceErrorName, 'ZtdDeviceAlreadyAssigned');
});

test('a hash that is no base64 is a bad request', async () => {
  const error = await refused(beta.api(IMPORTED).post({ serialNumber: 'X', hardwareIdentifier: '***' }), 400);
  assert.match(error.body, /Edm\.Binary/);
});

test('a device is found by its serial number with its profiles', async () => {
  const device = await identity(hashes[0].serial, 'deploymentProfile,intendedDeploymentProfile');
  assert.equal(device.groupTag, 'story');
  assert.equal(device.userPrincipalName, 'kim@example.com');
  assert.equal(device.deploymentProfile.id, made.profile.id);
  assert.equal(device.intendedDeploymentProfile.displayName, 'Story');
  assert.ok('managedDeviceId' in device);
  const equal = await beta.api(IDENTITIES).filter(`serialNumber eq '${hashes[0].serial}'`).get();
  assert.equal(equal.value[0].id, device.id);
});

test('the profile lists its devices', async () => {
  const { value } = await beta.api(`${PROFILES}/${made.profile.id}/assignedDevices`).get();
  assert.equal(value.length, 6);
});

test('pages lead through all devices, each once', async () => {
  const seen = [];
  const first = await beta.api(IDENTITIES).top(2).get();
  assert.equal(first.value.length, 2);
  await new PageIterator(beta, first, (device) => seen.push(device.id) > 0).iterate();
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, 6);
});

test('select gives what was asked for and the id', async () => {
  const { value } = await beta.api(IDENTITIES).select(['serialNumber', 'groupTag']).top(1).get();
  assert.deepEqual(Object.keys(value[0]).filter((k) => !k.startsWith('@')).sort(), ['groupTag', 'id', 'serialNumber']);
});

test('paths and actions are found in any case', async () => {
  const device = await identity(hashes[1].serial);
  await beta.api(`/devicemanagement/WindowsAutopilotDeviceIdentities/${device.id}/UpdateDeviceProperties`)
    .post({ userPrincipalName: 'ann@example.com', addressableUserName: 'Ann', displayName: 'ANN-PC', groupTag: 'other' });
  const changed = await beta.api(`${IDENTITIES}('${device.id}')`).get();
  assert.equal(changed.groupTag, 'other');
  assert.equal(changed.addressableUserName, 'Ann');
  assert.equal(changed.displayName, 'ANN-PC');
  assert.equal(changed.deploymentProfileAssignmentStatus, 'notAssigned');
});

test('JSON as the PowerShell module writes it is understood', async () => {
  const device = await identity(hashes[1].serial);
  const token = (await msal.acquireTokenByClientCredential({ scopes })).accessToken;
  const answer = await fetch(`${service.url}/beta${IDENTITIES}/${device.id}/UpdateDeviceProperties`, {
    method: 'POST', headers: { Authorization: token, 'Content-Type': 'application/json' },
    body: '{ userPrincipalName: "bob@example.com", addressableUserName: "Bob", groupTag: "story", }',
  });
  assert.equal(answer.status, 200, await answer.text());
  const changed = await beta.api(`${IDENTITIES}/${device.id}`).get();
  assert.equal(changed.userPrincipalName, 'bob@example.com');
  assert.match(changed.deploymentProfileAssignmentStatus, /^assigned/);
});

test('a user is assigned and unassigned', async () => {
  const { id } = await identity(hashes[2].serial);
  await beta.api(`${IDENTITIES}/${id}/assignUserToDevice`)
    .post({ userPrincipalName: 'eve@example.com', addressableUserName: 'Eve' });
  assert.equal((await beta.api(`${IDENTITIES}/${id}`).get()).userPrincipalName, 'eve@example.com');
  await beta.api(`${IDENTITIES}/${id}/unassignUserFromDevice`).post({});
  assert.equal((await beta.api(`${IDENTITIES}/${id}`).get()).userPrincipalName, '');
});

test('the directory device carries the physical ids', async () => {
  const device = await identity(hashes[0].serial);
  const { value } = await v1.api('/devices').filter(`deviceId eq '${device.azureActiveDirectoryDeviceId}'`).get();
  assert.equal(value.length, 1);
  assert.ok(value[0].physicalIds.some((p) => p.toLowerCase() === `[ztdid]:${device.id}`), value[0].physicalIds.join());
  assert.ok(value[0].physicalIds.includes('[OrderID]:story'));
  const any = await v1.api('/devices').filter("physicalIds/any(p:startswith(p,'[ZTDID]'))").count(true)
    .header('ConsistencyLevel', 'eventual').get();
  assert.equal(any.value.length, 6);
  assert.equal(any['@odata.count'], 6);
});

test('members of a dynamic group are listed and may not be edited', async () => {
  const { value } = await v1.api(`/groups/${made.group.id}/members`).get();
  assert.equal(value.length, 6);
  const error = await v1.api(`/groups/${made.group.id}/members/$ref`)
    .post({ '@odata.id': `${service.url}/v1.0/directoryObjects/${value[0].id}` }).catch((e) => e);
  assert.ok([400, 403].includes(error.statusCode), String(error.statusCode));
});

test('a member is put into an assigned group and taken out', async () => {
  const group = await v1.api('/groups').post({
    displayName: 'By hand', mailEnabled: false, mailNickname: 'byhand', securityEnabled: true, groupTypes: [],
  });
  const found = await v1.api('/groups').filter("displayName eq 'By hand'").get();
  assert.equal(found.value[0].id, group.id);
  const { value } = await v1.api('/devices').top(1).get();
  const reference = { '@odata.id': `${service.url}/v1.0/directoryObjects/${value[0].id}` };
  await v1.api(`/groups/${group.id}/members/$ref`).post(reference);
  await refused(v1.api(`/groups/${group.id}/members/$ref`).post(reference), 400);
  assert.equal((await v1.api(`/groups/${group.id}/members`).get()).value[0].id, value[0].id);
  await v1.api(`/groups/${group.id}/members/${value[0].id}/$ref`).delete();
  assert.equal((await v1.api(`/groups/${group.id}/members`).get()).value.length, 0);
  await v1.api(`/groups/${group.id}`).delete();
});

test('a batch answers each request, in the order of dependence', async () => {
  const device = await identity(hashes[0].serial);
  const { responses } = await beta.api('/$batch').post({
    requests: [
      { id: '2', dependsOn: ['1'], method: 'GET', url: `${IDENTITIES}/${device.id}` },
      { id: '1', method: 'POST', url: `${IDENTITIES}/${device.id}/updateDeviceProperties`,
        headers: { 'Content-Type': 'application/json' }, body: { displayName: 'FROM-BATCH' } },
      { id: '3', method: 'GET', url: `${IDENTITIES}/00000000-0000-0000-0000-000000000000` },
    ],
  });
  const by = Object.fromEntries(responses.map((r) => [r.id, r]));
  assert.equal(by[1].status, 200);
  assert.equal(by[2].body.displayName, 'FROM-BATCH');
  assert.equal(by[3].status, 404);
});

test('what does not exist is not found, in the shape of Graph', async () => {
  const error = await refused(beta.api(`${IDENTITIES}/00000000-0000-0000-0000-000000000000`).get(), 404);
  assert.ok(error.requestId);
  assert.ok(error.date instanceof Date);
});

test('a property that is not there is named', async () => {
  const error = await refused(beta.api(IDENTITIES).filter("serialNumbr eq 'x'").get(), 400);
  assert.match(error.body, /Could not find a property named 'serialNumbr'/);
});

test('the remaining calls of the tools answer', async () => {
  for (const path of [`${DM}/windowsAutopilotSettings`, `${DM}/autopilotEvents`, `${DM}/managedDevices`,
    `${DM}/domainJoinConnectors`, `${DM}/importedDeviceIdentities`, `${DM}/configurationPolicies`,
    `${DM}/deviceConfigurations`, `${DM}/auditEvents`, '/users', '/policies/mobileDeviceManagementPolicies'])
    assert.ok(await beta.api(path).get(), path);
  const search = await beta.api(`${DM}/importedDeviceIdentities/searchExistingIdentities`)
    .post({ importedDeviceIdentities: [{ importedDeviceIdentifier: 'a,b,c',
      importedDeviceIdentityType: 'manufacturerModelSerial' }] });
  assert.deepEqual(search.value, []);
});

test('a device is unblocked and deregistered', async () => {
  const { id } = await identity(hashes[4].serial);
  await beta.api(`${IDENTITIES}/${id}/allowNextEnrollment`).post({});
  await beta.api(`${IDENTITIES}/${id}`).delete();
  await refused(beta.api(`${IDENTITIES}/${id}`).get(), 404);
  assert.equal((await beta.api(IDENTITIES).filter(`contains(serialNumber,'${hashes[4].serial}')`).get()).value.length, 0);
});

test('a profile in use may not be deleted, one that is not may', async () => {
  const error = await beta.api(`${PROFILES}/${made.profile.id}`).delete().catch((e) => e);
  assert.ok([400, 409].includes(error.statusCode), String(error.statusCode));
  const { value } = await beta.api(`${PROFILES}/${made.profile.id}/assignments`).get();
  for (const assignment of value) await beta.api(`${PROFILES}/${made.profile.id}/assignments/${assignment.id}`).delete();
  await beta.api(`${PROFILES}/${made.profile.id}`).delete();
  await refused(beta.api(`${PROFILES}/${made.profile.id}`).get(), 404);
  assert.equal((await identity(hashes[0].serial)).deploymentProfileAssignmentStatus, 'notAssigned');
});

people(service, async (method, path, body) => {
  const { accessToken } = await msal.acquireTokenByClientCredential({ scopes });
  const answer = await fetch(service.url + path, {
    method, body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
  });
  assert.ok(answer.ok, `${answer.status} ${path}: ${await answer.clone().text()}`);
  return answer.json();
});

await finish();
