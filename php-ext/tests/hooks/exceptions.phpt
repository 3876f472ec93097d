--TEST--
An exception of a hook comes out of the method as the same object, and the client keeps working
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, Level, Log, SecretProvider};

final class Refused extends DomainException
{
}

$sim = new Sim();
$store = new ArrayStore();
$client = client($sim, $store);
launch($client, $sim);
$request = request($sim);
$launch = $sim->launch();
$sim->control('expire-tokens', []);

foreach (['get', 'write', 'scan', 'acquireLease', 'releaseLease', 'purgeExpired'] as $method) {
    $mine = new Refused("thrown in $method", 17, new LogicException('before'));
    $store->before = function (string $called) use ($method, $mine) {
        if ($called === $method) {
            throw $mine;
        }
    };
    $call = match ($method) {
        'get' => fn() => $client->handleLaunch('code=1&state=2', SESSION, REDIRECT),
        'write' => fn() => $client->handleLaunch($launch, SESSION, REDIRECT),
        'purgeExpired' => $client->purgeExpired(...),
        default => fn() => $client->pull($request),
    };
    $thrown = thrown($call);
    var_dump($thrown === $mine);
    echo $thrown->getMessage(), ' ', $thrown->getCode(), ' ', $thrown->getPrevious()->getMessage(), "\n";
    $store->before = null;
}
var_dump(count($client->pull($request)->rows) > 1, $client->purgeExpired());

echo "access, log, secrets\n";
$mine = new Refused('mine');
$access = new class($mine) implements Access {
    public function __construct(public mixed $answer, public array $asked = [])
    {
    }

    public function allows(string $user, string $project, Action $action): bool
    {
        $this->asked[] = "$user/$project/$action->value";
        return $this->answer instanceof Throwable ? throw $this->answer : $this->answer;
    }
};
$client = client($sim, $store, access: $access);
var_dump(thrown(fn() => $client->pull($request)) === $mine);
$access->answer = false;
foreach ([
    fn() => $client->pull($request),
    fn() => $client->checkMapping('j.doe', 'p1', MAPPING),
    fn() => $client->staged('j.doe', 'p1'),
    fn() => $client->signIn('sim', 'j.doe', SESSION, REDIRECT),
] as $call) {
    shown($call);
}
echo implode(' ', $access->asked), "\n";
$access->answer = true;
var_dump(count($client->staged('j.doe', 'p1')) > 1);

$log = new class($mine) implements Log {
    public array $heard = [];

    public function __construct(public ?Throwable $throws)
    {
    }

    public function event(Level $level, string $event, array $fields): void
    {
        $this->heard[] = "$level->value:$event:" . ($fields['source'] ?? '');
        if ($this->throws !== null) {
            throw $this->throws;
        }
    }
};
$client = client($sim, $store, log: $log);
var_dump(thrown(fn() => $client->pull($request)) === $mine);
$log->throws = null;
$client->pull($request);
echo implode(' ', $log->heard), "\n";

$keys = new class(json_decode($sim->config())->vault->index_key) implements SecretProvider {
    public function __construct(public mixed $answer)
    {
    }

    public function secret(string $name): string
    {
        echo "asked for $name\n";
        return $this->answer instanceof Throwable ? throw $this->answer : $this->answer;
    }
};
$changes = ['vault' => ['index_key' => 'hook:the-index-key']];
var_dump(count(client($sim, $store, secretProvider: $keys, changes: $changes)->staged('j.doe', 'p1', '1')) > 1);
foreach ([$mine, [], 'not a key'] as $keys->answer) {
    $thrown = thrown(fn() => client($sim, $store, secretProvider: $keys, changes: $changes)->staged('j.doe', 'p1', '1'));
    echo $thrown::class, $thrown === $mine ? ' mine' : '', "\n";
}
shown(fn() => client($sim, $store, changes: $changes)->staged('j.doe', 'p1', '1'));

echo "hook results that are not valid\n";
final class Careless implements FhirEhr\Store
{
    public mixed $scanned = [];
    public mixed $got = null;

    public function get(string $kind, string $key): ?FhirEhr\StoredRecord { return $this->got; }
    public function write(array $batch): int { return -1; }
    public function scan(string $kind, string $organization, ?string $project, ?string $subject, ?string $state, ?string $after, int $limit): array { return $this->scanned; }
    public function acquireLease(string $name, string $holder, int $seconds): ?int { return null; }
    public function releaseLease(string $name, string $holder, int $fence): void { }
    public function purgeExpired(): int { return -7; }
}
$client = client($sim, $store = new Careless());
shown(fn() => $client->purgeExpired());
$record = fn(string $kind, string $sealed) => new FhirEhr\StoredRecord($kind, 'k', 'demo', 'p1', '', 'committed', null, 1, $sealed);
foreach ([[1], [null], [$record('no kind', '')], [$record('record_binding', 'rubbish')], array_fill(0, 5000, $record('staged_row', ''))] as $store->scanned) {
    shown(fn() => $client->staged('j.doe', 'p1'));
}
shown(fn() => client($sim, new class extends ArrayObject { }));
?>
--EXPECT--
bool(true)
thrown in get 17 before
bool(true)
thrown in write 17 before
bool(true)
thrown in scan 17 before
bool(true)
thrown in acquireLease 17 before
bool(true)
thrown in releaseLease 17 before
bool(true)
thrown in purgeExpired 17 before
bool(true)
int(0)
access, log, secrets
bool(true)
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
j.doe/p1/pull j.doe/p1/pull j.doe/p1/map j.doe/p1/adjudicate j.doe//launch
bool(true)
bool(true)
info:pull_started:sim info:pull_started:sim info:pull_resource:sim info:pull_resource:sim info:staged: info:pull_ended:sim
asked for the-index-key
bool(true)
asked for the-index-key
Refused mine
asked for the-index-key
TypeError
asked for the-index-key
FhirEhr\Exception\ConfigurationException
FhirEhr\Exception\ConfigurationException secret_unavailable 103
hook results that are not valid
FhirEhr\Exception\StoreException store_inconsistent 704
TypeError
TypeError
FhirEhr\Exception\StoreException store_inconsistent 704
FhirEhr\Exception\StoreException store_inconsistent 704
FhirEhr\Exception\StoreException store_inconsistent 704
TypeError
