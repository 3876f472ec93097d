<?php

// A small application for tests over HTTP, for php -S and php-fpm. FHIR_EHR_TEST_* name its files.

declare(strict_types=1);

require __DIR__ . '/store.inc';

use FhirEhr\{Access, Action, LaunchResultKind, Client, Environment, PullRequest};

final class Hook implements Access
{
    public ?Closure $does = null;

    public function allows(string $user, string $project, Action $action): bool
    {
        if ($this->does !== null) {
            ($this->does)();
        }
        return true;
    }
}

$about = static fn(string $name) => $_SERVER["FHIR_EHR_TEST_$name"] ?? getenv("FHIR_EHR_TEST_$name");
parse_str((string) ($_SERVER['QUERY_STRING'] ?? ''), $query);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$hook = new Hook();
$array = $about('STORE') ? new ArrayStore($about('STORE')) : null;
/** The current configuration in the application's database. */
$fromDatabase = static fn(string $file): string => (new SQLite3($file))->querySingle("SELECT text FROM settings WHERE name = 'fhir_ehr'");
$client = $about('DATABASE')
    ? new Client($fromDatabase($about('DATABASE')), access: $hook)
    : Client::fromFile($about('CONFIG'), store: $array, access: $hook);
$request = fn() => new PullRequest('j.doe', 'sim', 'p1', Environment::Sandbox, '1', $query['mrn'], file_get_contents($about('MAPPING')), system: isset($query['system']), projectSystemAccount: true);
$fatal = static fn(string $how) => match ($how) {
    'user' => trigger_error('a fatal', E_USER_ERROR),
    'compile' => eval('final class A {} class B extends A {}'),
    'memory' => (function () {
        for ($text = 'x'; ; $text .= $text) {
        }
    })(),
    'exception' => throw new DomainException('mine'),
};
header('Content-Type: text/plain');
switch ($path) {
    case '/ehr':
        $result = $client->handleLaunch($_SERVER['QUERY_STRING'], 'a session', 'https://app.example/ehr.php');
        if ($result->kind === LaunchResultKind::Redirect) {
            header("Location: $result->url", true, 302);
        } elseif ($result->kind === LaunchResultKind::LoginRequired) {
            echo 'signed in: ', $client->finishLogin($result->handover, 'a session', 'j.doe')->user;
        } else {
            echo 'signed in: ', $result->signIn->user;
        }
        break;
    case '/pull':
        echo 'rows: ', count($client->pull($request())->rows);
        break;
    case '/staged':
        ini_set('memory_limit', $query['memory'] ?? '-1');
        echo 'staged: ', count($client->staged('j.doe', 'p1'));
        break;
    case '/fatal': // in a hook, before anything is sent
        ini_set('memory_limit', '64M');
        $hook->does = fn() => $fatal($query['how']);
        $client->pull($request());
        break;
    case '/fatal-in-pull': // in a hook, with answers of the EHR on their way
        ini_set('memory_limit', '64M');
        $array->before = fn(string $method) => $method === 'acquireLease' ? $fatal($query['how']) : null;
        $client->pull($request());
        break;
    case '/parked': // a Fiber waits in a hook when the request dies of something else
        $array->before = fn(string $method) => $method === 'acquireLease' ? Fiber::suspend() : null;
        $fiber = new Fiber(fn() => $client->pull($request()));
        $fiber->start();
        trigger_error('parked', E_USER_ERROR);
        break;
    case '/scopes':
        echo json_encode(['pid' => getmypid(), 'scopes' => $client->scopes('sim')]);
        break;
    case '/process':
        preg_match('~VmRSS:\s+(\d+)~', file_get_contents('/proc/self/status'), $found);
        echo json_encode([
            'pid' => getmypid(), 'files' => count(scandir('/proc/self/fd')),
            'threads' => count(scandir('/proc/self/task')) - 2, 'kilobytes' => (int) $found[1],
        ]);
        break;
    default:
        http_response_code(404);
}
