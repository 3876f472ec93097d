--TEST--
Re-entry, a Fiber, a reference cycle, and the last reference dropped inside a hook
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$store = new ArrayStore();
$client = client($sim, $store);
launch($client, $sim);
$request = request($sim);

echo "a hook that uses its own client\n";
$store->before = function () use (&$client) {
    $client->purgeExpired();
};
shown(fn() => $client->pull($request));
$store->before = null;
var_dump(count($client->pull($request)->rows) > 1);

echo "a hook may use another client\n";
$other = client($sim, new ArrayStore());
$store->before = function () use ($other, &$said) {
    $said = $other->purgeExpired();
};
var_dump(count($client->pull($request)->rows) > 1, $said);

echo "the last reference is dropped inside a hook\n";
$store->before = function () use (&$client, $store) {
    $client = null;
    $store->before = null;
};
var_dump(count($client->staged('j.doe', 'p1')) > 1, $client);

echo "a Fiber is suspended in a hook during a pull\n";
$client = client($sim, $store);
$sim->control('expire-tokens', []);
$store->before = function (string $method) {
    if ($method === 'acquireLease') {
        Fiber::suspend($method);
    }
};
$fiber = new Fiber(fn() => count($client->pull($request)->rows) > 1);
var_dump($fiber->start());
shown(fn() => $client->purgeExpired());
$same = client($sim, new ArrayStore());
shown(fn() => $same->pull($request));
var_dump(count($same->pull(request($sim, system: true))->rows) > 1);
$fiber->resume();
var_dump($fiber->getReturn());

echo "a Fiber that is suspended in a hook is destroyed\n";
$sim->control('expire-tokens', []);
$fiber = new Fiber(fn() => $client->pull($request));
var_dump($fiber->start());
unset($fiber);
gc_collect_cycles();
$store->before = null;
var_dump(count($client->pull($request)->rows) > 1);

echo "an exception is thrown into the suspended Fiber\n";
$sim->control('expire-tokens', []);
$store->before = fn(string $method) => $method === 'acquireLease' ? Fiber::suspend() : null;
$fiber = new Fiber(fn() => $client->pull($request));
$fiber->start();
$mine = new DomainException('mine');
var_dump(thrown(fn() => $fiber->throw($mine)) === $mine);

echo "a cycle of store and client is collected\n";
final class Knowing extends ArrayObject implements FhirEhr\Log
{
    public ?FhirEhr\Client $client = null;
    public static int $gone = 0;

    public function event(FhirEhr\Level $level, string $event, array $fields): void
    {
    }

    public function __destruct()
    {
        self::$gone++;
    }
}
for ($i = 0; $i < 3; $i++) {
    $log = new Knowing();
    $log->client = client($sim, new ArrayStore(), log: $log);
    $log->client->purgeExpired();
    unset($log);
}
var_dump(Knowing::$gone);
gc_collect_cycles();
var_dump(Knowing::$gone);
?>
--EXPECT--
a hook that uses its own client
FhirEhr\Exception\InternalException busy 901
bool(true)
a hook may use another client
bool(true)
int(0)
the last reference is dropped inside a hook
bool(true)
NULL
a Fiber is suspended in a hook during a pull
string(12) "acquireLease"
FhirEhr\Exception\InternalException busy 901
FhirEhr\Exception\AuthorizationException grant_not_found 306
bool(true)
bool(true)
a Fiber that is suspended in a hook is destroyed
string(12) "acquireLease"
bool(true)
an exception is thrown into the suspended Fiber
bool(true)
a cycle of store and client is collected
int(0)
int(3)
