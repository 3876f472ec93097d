--TEST--
A store that returns wrong results: each call ends in an error, and tokens are stored again after an exception
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{StoredRecord, Store};

/** A store whose results a test changes. */
final class OddStore implements Store
{
    /** @var ?Closure(mixed $result, mixed ...$arguments): mixed */
    public ?Closure $lie = null;
    public string $method = '';

    public function __construct(private readonly ArrayStore $store)
    {
    }

    private function result(string $method, mixed ...$arguments): mixed
    {
        $result = $this->store->$method(...$arguments);
        return $this->lie !== null && $this->method === $method ? ($this->lie)($result, ...$arguments) : $result;
    }

    public function get(string $kind, string $key): ?StoredRecord
    {
        return $this->result('get', $kind, $key);
    }

    public function write(array $batch): int
    {
        return $this->result('write', $batch);
    }

    public function scan(string $kind, string $organization, ?string $project, ?string $subject, ?string $state, ?string $after, int $limit): array
    {
        return $this->result('scan', $kind, $organization, $project, $subject, $state, $after, $limit);
    }

    public function acquireLease(string $name, string $holder, int $seconds): ?int
    {
        // The client never releases a lease that it refused, so this store takes none.
        $lies = $this->lie !== null && $this->method === 'acquireLease';
        return $lies ? ($this->lie)() : $this->store->acquireLease($name, $holder, $seconds);
    }

    public function releaseLease(string $name, string $holder, int $fence): void
    {
        $this->result('releaseLease', $name, $holder, $fence);
    }

    public function purgeExpired(): int
    {
        return $this->result('purgeExpired');
    }
}

/** The record with some columns changed. */
function other(?StoredRecord $record, mixed ...$changes): ?StoredRecord
{
    return $record === null ? null : new StoredRecord(...[...get_object_vars($record), ...$changes]);
}

$sim = new Sim('--rotate-refresh-tokens');
$kept = new ArrayStore();
$store = new OddStore($kept);
$limits = ['limits' => ['refresh_lease_seconds' => 3]];
$client = client($sim, $store, changes: $limits);
launch($client, $sim);
$client->pull(request($sim));

/** Prints how a call ends with a new client, which knows nothing of earlier calls. */
function ends(string $name, string $method, Closure $lie, Closure $call): void
{
    global $sim, $store, $limits;
    [$store->method, $store->lie] = [$method, $lie];
    echo "$name: ";
    shown(fn() => $call(client($sim, $store, changes: $limits)));
    $store->lie = null;
}

$staged = fn($client) => $client->staged('j.doe', 'p1', '1');
$pull = fn($client) => $client->pull(request($sim));
$launch = fn($client) => $client->handleLaunch($sim->launch(), SESSION, REDIRECT);
$huge = str_repeat('x', 65 << 20);

echo "get\n";
foreach ([
    'kind' => ['kind' => 'user_link'], 'no kind' => ['kind' => 'no kind'], 'key' => ['key' => 'another'],
    'organization' => ['organization' => 'another'], 'version 0' => ['version' => 0], 'version -1' => ['version' => -1],
    'greatest version' => ['version' => PHP_INT_MAX], 'huge' => ['sealed' => $huge], 'not UTF-8' => ['key' => "\xff"],
    'long text' => ['project' => $huge],
] as $name => $changes) {
    ends($name, 'get', fn($record) => other($record, ...$changes), $staged);
}
ends('nothing', 'get', fn() => null, $staged);

echo "scan\n";
foreach ([
    'kind' => ['kind' => 'grant'], 'project' => ['project' => 'another'], 'version' => ['version' => PHP_INT_MIN],
    'the same key' => ['key' => 'a'],
] as $name => $changes) {
    ends($name, 'scan', fn($found) => array_map(fn($record) => other($record, ...$changes), $found), $staged);
}
ends('backwards', 'scan', fn($found) => array_reverse($found), $staged);
ends('more', 'scan', fn($found, ...$arguments) => array_fill(0, $arguments[6] + 1, $found[0]), $staged);
ends('without end', 'scan', fn($found, ...$arguments) => array_fill(0, $arguments[6], $found[0]), $staged);
ends('text', 'scan', fn() => ['text'], $staged);

echo "write\n";
foreach ([-2, 99, PHP_INT_MIN, PHP_INT_MAX, 0] as $number) {
    ends("$number", 'write', fn() => $number, $launch);
}

echo "acquireLease\n";
$sim->control('expire-tokens', []);
foreach ([0, -1, PHP_INT_MIN, PHP_INT_MAX, null] as $fence) {
    ends($fence === null ? 'none' : "$fence", 'acquireLease', fn() => $fence, $pull);
}

echo "purgeExpired\n";
foreach ([-7, PHP_INT_MIN] as $count) {
    ends("$count", 'purgeExpired', fn() => $count, fn($client) => $client->purgeExpired());
}

echo "the store throws after the EHR has rotated the token\n";
$mine = new DomainException('the database is busy');
$left = 3;
$isMarked = false;
$kept->before = function (string $method, mixed $batch = null) use ($mine, &$left, &$isMarked) {
    if ($method !== 'write' || ($batch[0] ?? null)?->kind !== 'grant') {
        return;
    }
    // The first write of a refresh is the mark, before the request.
    if ($isMarked && $left-- > 0) {
        throw $mine;
    }
    $isMarked = true;
};
var_dump($client->pull(request($sim))->report['refreshed'], $left < 0);
$sim->control('expire-tokens', []);
$left = PHP_INT_MAX;
$isMarked = false;
$thrown = thrown(fn() => $client->pull(request($sim)));
echo $thrown::class, ' ', $thrown->getName(), "\n";
var_dump($thrown->getPrevious() === $mine);
$kept->before = null;
shown(fn() => $client->pull(request($sim)));
launch($client, $sim);
var_dump(count($client->pull(request($sim))->rows) > 1);
?>
--EXPECT--
get
kind: FhirEhr\Exception\StoreException store_inconsistent 704
no kind: FhirEhr\Exception\StoreException store_inconsistent 704
key: FhirEhr\Exception\StoreException store_inconsistent 704
organization: FhirEhr\Exception\StoreException store_inconsistent 704
version 0: FhirEhr\Exception\StoreException store_inconsistent 704
version -1: FhirEhr\Exception\StoreException store_inconsistent 704
greatest version: FhirEhr\Exception\StoreException store_inconsistent 704
huge: FhirEhr\Exception\StoreException store_inconsistent 704
not UTF-8: FhirEhr\Exception\StoreException store_inconsistent 704
long text: FhirEhr\Exception\StoreException store_inconsistent 704
nothing: FhirEhr\Exception\StoreException store_inconsistent 704
scan
kind: FhirEhr\Exception\StoreException store_inconsistent 704
project: FhirEhr\Exception\StoreException store_inconsistent 704
version: FhirEhr\Exception\StoreException store_inconsistent 704
the same key: FhirEhr\Exception\StoreException store_inconsistent 704
backwards: FhirEhr\Exception\StoreException store_inconsistent 704
more: FhirEhr\Exception\StoreException store_inconsistent 704
without end: FhirEhr\Exception\StoreException store_inconsistent 704
text: TypeError
write
-2: FhirEhr\Exception\StoreException store_inconsistent 704
99: FhirEhr\Exception\StoreException store_inconsistent 704
-9223372036854775808: FhirEhr\Exception\StoreException store_inconsistent 704
9223372036854775807: FhirEhr\Exception\StoreException store_inconsistent 704
0: FhirEhr\Exception\StoreException store_conflict 702
acquireLease
0: FhirEhr\Exception\StoreException store_inconsistent 704
-1: FhirEhr\Exception\StoreException store_inconsistent 704
-9223372036854775808: FhirEhr\Exception\StoreException store_inconsistent 704
9223372036854775807: FhirEhr\Exception\StoreException store_inconsistent 704
none: FhirEhr\Exception\ConnectionException refresh_busy 308
purgeExpired
-7: FhirEhr\Exception\StoreException store_inconsistent 704
-9223372036854775808: FhirEhr\Exception\StoreException store_inconsistent 704
the store throws after the EHR has rotated the token
bool(true)
bool(true)
FhirEhr\Exception\AuthorizationException grant_lost
bool(true)
FhirEhr\Exception\AuthorizationException grant_suspect 314
bool(true)
