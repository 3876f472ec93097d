// Decisions and the record's values are one transaction: whenever the process is killed, nothing is lost or doubled.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { startServers } from './servers.mjs';

const PROGRAM = fileURLToPath(new URL('killed.php', import.meta.url));
const PROJECT = 'demo-cli';

for (const database of ['mariadb', 'sqlite']) {
    describe(`killed while saving, ${database}`, () => {
        let servers;
        before(async () => { servers = await startServers('--database', database); });
        after(() => servers?.stop());

        test('before each call of the database in turn', async (t) => {
            const patient = await servers.patient('Maeve');
            const visit = ['visit_date=2021-06-15'];
            const record = servers.command('add', 'study', PROJECT, patient.mrn, ...visit).trim();
            servers.command('fetch', 'study', PROJECT, record);
            const before = state(servers, record);
            assert.ok(before.pending > 10, 'values wait for a decision');

            let moments = 0, saved;
            for (let moment = 1; ; ++moment) {
                const run = save(servers, moment, record);
                if (run.signal !== 'SIGKILL') {
                    assert.equal(run.status, 0, run.stderr);
                    break;
                }
                ++moments;
                const now = state(servers, record);
                if (now.pending !== before.pending) {
                    // Dead after the commit: all of it is there, and the next moment finds nothing left to save.
                    assert.equal(now.handedOut, 0);
                    saved = now;
                    break;
                }
                assert.deepEqual(now, before, `killed at call ${moment}: all is as it was`);
            }
            t.diagnostic(`killed at ${moments} moments`);
            assert.ok(moments > 20);
            assert.ok(saved, 'one moment lies after the commit');
            assert.ok(Object.keys(saved.values.event_1_arm_1).length > 10);

            // The user presses the button again: nothing is saved twice, nothing is asked again.
            assert.equal(save(servers, 0, record).stdout, '0\n');
            assert.deepEqual(state(servers, record), saved);
            servers.command('fetch', 'study', PROJECT, record);
            assert.equal(state(servers, record).pending, saved.pending, 'nothing comes back as new');
        });
    });
}

function save(servers, moment, record) {
    const [program, ...words] = [...servers.phpWords, PROGRAM, String(moment), 'study', PROJECT, record];
    return spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, APP_SETTINGS: servers.settings } });
}

/** What is in the record, and how many rows wait or are on their way. */
function state(servers, record) {
    const rows = servers.sql('SELECT state, COUNT(*) AS n FROM fhir_ehr_staged_row GROUP BY state');
    const count = (name) => Number(rows.find((row) => row.state === name)?.n ?? 0);
    const lines = servers.sql('SELECT COUNT(*) AS n FROM history WHERE project = ?', PROJECT);
    return { pending: count('pending'), accepted: count('accepted'), handedOut: count('handed_out'), values: servers.saved(PROJECT, record), history: Number(lines[0].n) };
}
