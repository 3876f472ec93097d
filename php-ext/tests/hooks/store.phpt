--TEST--
A store in PHP: the whole workflow, with a token refresh during a pull
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim('--rotate-refresh-tokens');
$store = new ArrayStore();
$client = client($sim, $store);
launch($client, $sim);
$sim->control('expire-tokens', []);
$store->calls = [];
$pulled = $client->pull(request($sim));
var_dump($pulled->complete, $pulled->report['refreshed']);
echo implode(' ', array_unique($store->calls)), "\n";
$rows = $client->staged('j.doe', 'p1', '1');
$client->adjudicate('j.doe', 'p1', '1', accept: [$rows[0]->key]);
$set = $client->valuesToSave('j.doe', 'p1', '1');
var_dump($client->confirmSaved('p1', '1', $set->saveId), $client->purgeExpired());

echo "the calls that a store gets\n";
$seen = [];
$store->before = function (string $method, mixed $batch = null) use (&$seen) {
    if ($method === 'write') {
        $seen = array_merge($seen, $batch);
    }
};
$patient = $sim->patient();
$client->pull(request($sim, record: 'a record', mrn: $patient['mrn']));
$seen = array_values(array_filter($seen, fn($part) => $part->record !== null));
$kinds = array_unique(array_column($seen, 'kind'));
sort($kinds);
echo implode(' ', $kinds), "\n";
$part = current(array_filter($seen, fn($part) => $part->kind === 'staged_row'));
var_dump($part::class, $part->kind, $part->expected, $part->record->organization, $part->record->project, $part->record->state);
var_dump(strlen($part->key), $part->record->expiresIn > 86400, $part->record->subject !== 'a record');
var_dump(str_contains(serialize(array_map(fn($part) => $part->record->sealed, $seen)), $patient['birth_date'] . '"'));

echo "another process wrote first\n";
$store->before = null;
$rows = $client->staged('j.doe', 'p1', 'a record');
$store->before = function (string $method) use ($sim, $store, $rows) {
    if ($method === 'write') {
        $store->before = null;
        client($sim, $store)->adjudicate('x', 'p1', 'a record', reject: [$rows[0]->key]);
    }
};
shown(fn() => $client->adjudicate('j.doe', 'p1', 'a record', accept: [$rows[0]->key]));
var_dump(count($client->staged('j.doe', 'p1', 'a record')) === count($rows) - 1);

echo "the record never stops changing\n";
$store->before = function (string $method, mixed $batch = null) use ($store) {
    if ($method === 'write') {
        $before = $store->before;
        $store->before = null;
        $binding = current(array_filter($batch, fn($part) => $part->kind === 'record_binding'));
        $store->write([new FhirEhr\Write($binding->kind, $binding->key, $binding->expected, $binding->record)]);
        $store->before = $before;
    }
};
shown(fn() => $client->adjudicate('j.doe', 'p1', 'a record', accept: [$rows[1]->key]));
$store->before = null; // it holds the store that holds it
?>
--EXPECT--
bool(true)
bool(true)
scan acquireLease get write releaseLease
int(1)
int(0)
the calls that a store gets
record_binding staged_row
string(13) "FhirEhr\Write"
string(10) "staged_row"
int(0)
string(4) "demo"
string(2) "p1"
string(7) "pending"
int(43)
bool(true)
bool(true)
bool(false)
another process wrote first
FhirEhr\Exception\StagingException row_not_found 603
bool(true)
the record never stops changing
FhirEhr\Exception\StagingException row_conflict 604
