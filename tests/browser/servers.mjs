// The servers of one test file: EHR, database, php-fpm and nginx. demo/serve.py starts and stops them.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the servers. `more` are options of serve.py. Call stop() at the end. */
export async function startServers(...more) {
    const programs = need('FHIR_EHR_PROGRAMS');
    const words = ['--json', '--stop-with-stdin', '--programs', programs, '--extension', need('FHIR_EHR_EXTENSION'), ...more];
    const child = spawn('python3', [path.join(ROOT, 'demo/serve.py'), ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const line = await Promise.race([
        new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
        ended.then((code) => { throw new Error(`serve.py ended with ${code}`); }),
    ]);
    const description = JSON.parse(line);
    return new Servers(description, async () => {
        keepLogs(description);
        child.stdin.end();
        await ended;
    });
}

/** Keeps the logs of nginx and PHP: scripts/check-output looks for secrets in them. */
function keepLogs({ access_log: accessLog, error_log: errorLog }) {
    const folder = process.env.FHIR_EHR_TEST_LOGS;
    for (const log of folder === undefined ? [] : [accessLog, errorLog].filter((name) => existsSync(name))) {
        appendFileSync(path.join(folder, path.basename(log)), readFileSync(log));
    }
}

function need(name) {
    return process.env[name] ?? (() => { throw new Error(`${name} is not set: run scripts/browser-test`); })();
}

/** The servers' URLs, and direct access to them without the browser. */
export class Servers {
    constructor(description, stop) {
        const { php, ...rest } = description;
        Object.assign(this, rest);
        this.phpWords = php;
        this.stop = stop;
    }

    /**
     * Sends one request to the application with exactly these headers, and does not follow redirects. Returns {status, headers,
     * text}. `fields`, an object, is sent as a form.
     */
    request(address, { method = 'GET', headers = {}, body, fields } = {}) {
        const url = new URL(address, this.application);
        const form = fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
        const options = { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: fields === undefined ? method : 'POST' };
        return new Promise((resolve, reject) => {
            const sent = http.request({ ...options, headers: { host: url.host, ...form, ...headers } }, (answer) => {
                let text = '';
                answer.setEncoding('utf8').on('data', (part) => { text += part; });
                answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
            });
            sent.on('error', reject).end(fields === undefined ? body : new URLSearchParams(fields).toString());
        });
    }

    /** Calls the control API of the simulated EHR: GET, or POST with a body. */
    async ehrControl(name, body) {
        const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
        const answer = await fetch(new URL(`/_sim/${name}`, this.ehr), options);
        if (!answer.ok) {
            throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
        }
        const text = await answer.text();
        return text === '' ? null : JSON.parse(text);
    }

    /** The patient whose name contains this text: {id, name, mrn, birth_date}. */
    async patient(name) {
        return (await this.ehrControl('patients')).find((one) => one.name.includes(name));
    }

    /** Runs one statement in the application's database and returns the rows. */
    sql(statement, ...values) {
        return JSON.parse(this.php(`
            $settings = json_decode(file_get_contents($argv[1]), true)['database'];
            $pdo = new PDO($settings['dsn'], $settings['user'] ?? null, $settings['password'] ?? null);
            $done = $pdo->prepare($argv[2]);
            $done->execute(json_decode($argv[3]));
            echo json_encode($done->columnCount() ? $done->fetchAll(PDO::FETCH_ASSOC) : []);`,
        this.settings, statement, JSON.stringify(values)));
    }

    /** Runs PHP code with the extension and returns its output. */
    php(code, ...words) {
        return run([...this.phpWords, '-r', code, '--', ...words]);
    }

    /** Runs the application's cli.php and returns its output. */
    command(...words) {
        return run([...this.cli, ...words]);
    }

    /** The saved record: {event: {field: value}}. */
    saved(project, record) {
        return JSON.parse(this.command('show', project, record));
    }
}

function run([program, ...words]) {
    const done = spawnSync(program, words, { encoding: 'utf8' });
    if (done.status !== 0) {
        throw new Error(`${program}: ${done.stderr || done.stdout}`);
    }
    return done.stdout;
}
