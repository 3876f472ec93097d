--TEST--
A store in PHP: the whole way over it, with a refresh in the middle of a pull
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
var_dump($client->saved('p1', '1', $set->saveId), $client->purgeExpired());

echo "what a store sees\n";
$seen = [];
$store->before = function (string $method, mixed $batch = null) use (&$seen) {
    if ($method === 'write') {
        $seen = array_merge($seen, $batch);
    }
};
$patient = $sim->patient();
$client->pull(request($sim, record: 'a record', mrn: $patient['mrn']));
$part = $seen[0];
var_dump($part::class, $part->kind, $part->expected, $part->record->organization, $part->record->project, $part->record->state);
var_dump(strlen($part->key), $part->record->expiresIn > 86400, $part->record->subject !== 'a record');
var_dump(str_contains(serialize(array_map(fn($part) => $part->record->sealed, $seen)), $patient['birth_date'] . '"'));

echo "somebody else was first\n";
$store->before = null;
$conflicts = 0;
$row = $client->staged('j.doe', 'p1', 'a record')[0];
$store->before = function (string $method, mixed $batch = null) use ($store, &$conflicts) {
    if ($method === 'write' && $conflicts++ === 0) {
        $store->before = null;
        $store->write([new FhirEhr\Write($batch[0]->kind, $batch[0]->key, $batch[0]->expected, $batch[0]->record)]);
    }
};
shown(fn() => $client->adjudicate('j.doe', 'p1', 'a record', accept: [$row->key]));
?>
--EXPECT--
bool(true)
bool(true)
scan acquireLease get write releaseLease
int(1)
int(0)
what a store sees
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
somebody else was first
FhirEhr\Exception\StagingException row_conflict 604
