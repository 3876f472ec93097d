<?php

// Sets up what every page and the command need: settings, database, fhir_ehr client, and the browser's session.

declare(strict_types=1);

use FhirEhr\{Access, Action, Client, Level, Log, PdoMigrations, PdoStore};

// An application with composer has `require 'vendor/autoload.php';` here: the classes are PSR-4, FhirEhr\ is this folder.
spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/../../php-ext/php/src/' . strtr(substr($class, strlen('FhirEhr\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'FhirEhr\\') && is_file($file)) {
        require $file;
    }
});
require __DIR__ . '/Study.php';
require __DIR__ . '/pages.php';

/** The application's settings: the JSON file that STUDY_SETTINGS names, see cli.php. */
function settings(): array
{
    static $settings = null;
    return $settings ??= json_decode(
        file_get_contents($_SERVER['STUDY_SETTINGS'] ?? getenv('STUDY_SETTINGS')), true, flags: JSON_THROW_ON_ERROR,
    );
}

/** A new connection. In production: MariaDB, MySQL or PostgreSQL, and then one database does for both names. */
function connect(string $name): PDO
{
    $pdo = new PDO('sqlite:' . settings()[$name]);
    $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    $pdo->exec('PRAGMA busy_timeout = 10000');
    return $pdo;
}

/** The application's connection, on which records and staged rows change in one transaction. */
function database(): PDO
{
    static $pdo = null;
    return $pdo ??= connect('database');
}

/** The client. Making one for each request is cheap: connections and parsed configuration live as long as the worker. */
function client(): Client
{
    // Tokens are never on the application's connection: its rollback must not erase a token that the EHR has rotated.
    // The configuration could as well be a text in the database: new Client($json, store: ...).
    return Client::fromFile(
        settings()['config'],
        store: new PdoStore(static fn(): PDO => connect('tokens'), database()),
        access: new Members(database()),
        log: new ErrorLog(),
    );
}

/** For deployment: the tables of the application and of the store. Does nothing where they are there. */
function install(): void
{
    foreach (['database', 'tokens'] as $name) {
        (new PdoMigrations(connect($name)))->install();
    }
    database()->exec(
        'CREATE TABLE IF NOT EXISTS member (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS visit (record TEXT PRIMARY KEY, patient_id TEXT NOT NULL UNIQUE, mrn TEXT NOT NULL,
            visit_date TEXT);
         CREATE TABLE IF NOT EXISTS record_value (project TEXT NOT NULL, record TEXT NOT NULL, event TEXT NOT NULL,
            field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (project, record, event, field));',
    );
}

/** The application's word on who may do what: here every member may do everything in this one study. */
final class Members implements Access
{
    public function __construct(
        private readonly PDO $database,
    ) {}

    public function allows(string $user, string $project, Action $action): bool
    {
        $known = match ($action) {
            Action::Launch, Action::Map, Action::Pull, Action::Adjudicate => true,
            default => false, // what a later version may ask for
        };
        return $known && $this->passwordHash($user) !== null && ($project === '' || $project === settings()['project']);
    }

    public function passwordIsRight(string $user, #[\SensitiveParameter] string $password): bool
    {
        return password_verify($password, $this->passwordHash($user) ?? '');
    }

    private function passwordHash(string $user): ?string
    {
        $found = $this->database->prepare('SELECT password_hash FROM member WHERE name = ?');
        $found->execute([$user]);
        return $found->fetchColumn() ?: null;
    }
}

/** What fhir_ehr has to say: no patient, token or address is in it. With a PSR-3 logger use FhirEhr\Psr3Log instead. */
final class ErrorLog implements Log
{
    public function event(Level $level, string $event, array $fields): void
    {
        if ($level === Level::Warning || $level === Level::Error) {
            error_log("fhir_ehr $level->value $event " . json_encode($fields));
        }
    }
}

/** The browser's session; its id is also what a pending launch is bound to. */
function start_session(): void
{
    $https = ($_SERVER['HTTPS'] ?? '') === 'on';
    session_start([
        'name' => 'study',
        'use_strict_mode' => true,
        'cookie_httponly' => true,
        // EHRs show applications within a frame of theirs: there only SameSite=None cookies are kept, and these need
        // https. On plain http, for the demo on the loopback interface alone, the cookie is an ordinary one.
        'cookie_secure' => $https,
        'cookie_samesite' => $https ? 'None' : 'Lax',
    ]);
    header('Cache-Control: no-store');
    header('Referrer-Policy: no-referrer');
    header('X-Content-Type-Options: nosniff');
    // Add to frame-ancestors the addresses of the EHRs that show this application in a frame.
    header("Content-Security-Policy: default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'");
}

/** The session's token, a hidden field of every form. */
function csrf_token(): string
{
    return $_SESSION['csrf'] ??= bin2hex(random_bytes(32));
}

/** Ends a POST that no form of ours has sent. */
function check_csrf(): void
{
    if (!is_string($_POST['csrf'] ?? null) || !hash_equals(csrf_token(), $_POST['csrf'])) {
        end_with(403, 'Not from here', 'This form was not sent from a page of this session. Open the application again.');
    }
}

/** One field of a POST, as text. */
function posted(string $name): string
{
    return is_string($_POST[$name] ?? null) ? $_POST[$name] : '';
}

/** Errors as pages: those of fhir_ehr hold no token, secret or patient and may be shown; the others go to the log only. */
set_exception_handler(static function (Throwable $thrown): void {
    error_log($thrown instanceof FhirEhr\Exception\Exception ? "{$thrown->getName()}: {$thrown->getMessage()}" : (string) $thrown);
    if (PHP_SAPI === 'cli') {
        exit(1);
    }
    if ($thrown instanceof FhirEhr\Exception\Exception) {
        $status = $thrown->getOwner() === 'you' ? 400 : 502;
        end_with($status, 'Error ' . $thrown->getName(), $thrown->getMessage() . ' ' . $thrown->getHint());
    }
    end_with(500, 'Error', 'Something is wrong in the application; its log says what.');
});
