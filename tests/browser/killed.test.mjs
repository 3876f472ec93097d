// Decisions and the record's values are saved in one transaction: if the process is killed, nothing is lost or saved twice.
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
            assert.ok(before.pending > 10, 'there are pending values');

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
                    // Killed after the commit: everything is saved, and nothing is left to save.
                    assert.equal(now.handedOut, 0);
                    saved = now;
                    break;
                }
                assert.deepEqual(now, before, `killed at call ${moment}: nothing has changed`);
            }
            t.diagnostic(`killed at ${moments} moments`);
            assert.ok(moments > 20);
            assert.ok(saved, 'one moment is after the commit');
            assert.ok(Object.keys(saved.values.event_1_arm_1).length > 10);

            // The user presses the button again: nothing is saved twice, and no value is pending again.
            assert.equal(save(servers, 0, record).stdout, '0\n');
            assert.deepEqual(state(servers, record), saved);
            servers.command('fetch', 'study', PROJECT, record);
            assert.equal(state(servers, record).pending, saved.pending, 'no value becomes pending again');
        });
    });
}

function save(servers, moment, record) {
    const [program, ...words] = [...servers.phpWords, PROGRAM, String(moment), 'study', PROJECT, record];
    return spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, APP_SETTINGS: servers.settings } });
}

/** The record's values, and the numbers of pending, accepted and handed-out rows. */
function state(servers, record) {
    const rows = servers.sql('SELECT state, COUNT(*) AS n FROM fhir_ehr_staged_row GROUP BY state');
    const count = (name) => Number(rows.find((row) => row.state === name)?.n ?? 0);
    const lines = servers.sql('SELECT COUNT(*) AS n FROM history WHERE project = ?', PROJECT);
    return { pending: count('pending'), accepted: count('accepted'), handedOut: count('handed_out'), values: servers.saved(PROJECT, record), history: Number(lines[0].n) };
}
