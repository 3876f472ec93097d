--TEST--
A fatal error in a hook during a pull: the library stays usable, then PHP ends as usual
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$file = temporary() . '/array-store';
$config = $sim->config();
launch(new FhirEhr\Client($config, new ArrayStore($file), new AllowAll()), $sim);
$mrn = $sim->patient()['mrn'];

$code = <<<'PHP'
    $store = new ArrayStore(%s);
    $client = new FhirEhr\Client(%s, $store, new AllowAll());
    $request = new FhirEhr\PullRequest('j.doe', 'sim', 'p1', FhirEhr\Environment::Sandbox, '1', %s, MAPPING);
    $files = static fn() => count(scandir('/proc/self/fd'));
    $expire = function () {
        $options = ['http' => ['method' => 'POST', 'content' => '{}', 'header' => 'Content-Type: application/json']];
        file_get_contents(%s, false, stream_context_create($options));
    };
    $expire();
    $client->pull($request);
    $before = $files();
    $expire();
    register_shutdown_function(function () use ($client, $request, $store, $files, $before) {
        $store->before = null;
        echo "\nafter: ", count($client->pull($request)->rows) > 0 ? 'works' : 'nothing', ' ', $files() <= $before + 1 ? 'no socket lost' : 'sockets lost', "\n";
    });
    $store->before = function (string $method) {
        if ($method === 'acquireLease') {
            %s
        }
    };
    $client->pull($request);
    echo "not reached\n";
    PHP;
$ways = [
    'user error' => 'trigger_error("a fatal", E_USER_ERROR);',
    'compile error' => 'eval("final class A {} class B extends A {}");',
    'memory' => '$text = "x"; while (true) { $text .= $text; }',
    'time' => 'while (true) { }',
    'exit' => 'echo "leaving"; exit(7);',
    'exit in a finally' => 'try { throw new Exception("gone"); } finally { exit(8); }',
    'not caught' => 'throw new DomainException("mine");',
];
foreach ($ways as $name => $way) {
    [$printed, $status] = child(
        sprintf($code, var_export($file, true), var_export($config, true), var_export($mrn, true), var_export("$sim->url/_sim/expire-tokens", true), $way),
        ['memory_limit' => '64M', 'max_execution_time' => $name === 'time' ? 1 : 0],
    );
    $lines = array_filter(explode("\n", $printed), fn($line) => preg_match('~error: |after: |leaving|not reached~', $line));
    echo "$name: $status ", implode(' | ', array_map(fn($line) => preg_replace('~ in [/\w].*$| of \d+.*$~', '', $line), $lines)), "\n";
}
?>
--EXPECT--
user error: 255 Fatal error: a fatal | after: works no socket lost
compile error: 255 Fatal error: Class B cannot extend final class A | after: works no socket lost
memory: 255 Fatal error: Allowed memory size | after: works no socket lost
time: 255 Fatal error: Maximum execution time | after: works no socket lost
exit: 7 leaving | after: works no socket lost
exit in a finally: 8 after: works no socket lost
not caught: 255 Fatal error: Uncaught DomainException: mine | after: works no socket lost
