--TEST--
The whole workflow: launch, login, pull, adjudicate, save
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{LaunchResultKind, RowState, TextMode};

$sim = new Sim('--personality', 'generic');
$client = client($sim);
$result = $client->handleLaunch($sim->launch(), SESSION, REDIRECT);
var_dump($result->kind === LaunchResultKind::Redirect, str_starts_with($result->url, "$sim->url/auth/authorize?"));
$result = $client->handleLaunch(Sim::browser($result->url), SESSION, REDIRECT);
var_dump($result->kind === LaunchResultKind::LoginRequired, $result->ehrUser, $result->source, $result->url, $result->signIn);
$signIn = $client->finishLogin($result->handover, SESSION, 'j.doe');
var_dump($signIn->user, $signIn->source, $signIn->context->patient === $sim->patient()['id']);
var_dump($signIn->context->expiresAt > time(), $signIn->context->missingScopes);

echo "the user link exists now\n";
var_dump(launch($client, $sim, 'another user')->user);

$pulled = $client->pull(request($sim, launchPatient: $signIn->context->patient));
var_dump($pulled->complete, $pulled->patientId === $signIn->context->patient, count($pulled->rows) > 1);
var_dump($pulled->report['resources']['Observation']['status'], $pulled->rows[0]->pullId === $pulled->pullId, array_is_list($pulled->report['not_preselected']));

$rows = $client->staged('j.doe', 'p1', '1');
var_dump(count($rows) === count($pulled->rows), count($client->staged('j.doe', 'p1')) === count($rows));
var_dump(count($client->staged('j.doe', 'p1', 'another record')), count($client->staged(project: 'p1', user: 'x', record: null)) > 0);
$row = current(array_filter($rows, fn($row) => $row->preselected && $row->studyField === 'weight'));
var_dump($row->state === RowState::Pending, $row->changed, $row->list, $row->unit, $row->code, is_int($row->position), $row->pulledBy);
var_dump($row->resourceStatus, $row->timeSent === $row->timestamp, $row->originalValue, $row->originalUnit);

$rest = array_values(array_filter(array_column($rows, 'key'), fn($key) => $key !== $row->key));
var_dump($client->adjudicate('j.doe', 'p1', '1', accept: [$row->key]), $client->reopen('j.doe', 'p1', '1', keys: [$row->key]));
var_dump($client->adjudicate('j.doe', 'p1', '1', accept: [$row->decision], reject: $rest) === count($rows));
$set = $client->valuesToSave('j.doe', 'p1', '1');
var_dump($set->record, count($set->values), $set->values[0]->studyField, $set->values[0]->value === $row->value, $set->values[0]->keys === [$row->key], $set->values[0]->unit);
var_dump($client->valuesToSave('j.doe', 'p1', '1')->saveId);
var_dump($client->returnUnsaved('p1', '1', $set->saveId));
$set = $client->valuesToSave('j.doe', 'p1', '1');
var_dump($client->confirmSaved('p1', '1', $set->saveId), $client->staged('j.doe', 'p1', '1'));
$empty = $client->valuesToSave('j.doe', 'p1', '1');
var_dump($empty->saveId, $client->confirmSaved('p1', '1', $empty->saveId), $client->returnUnsaved('p1', '1', $empty->saveId));

echo "decided values do not come back\n";
$client->pull(request($sim));
var_dump($client->staged('j.doe', 'p1', '1'), $client->purgeExpired() >= 0);

echo "TextMode::Php14: numbers as PHP floats with 14 digits\n";
var_dump(count($client->pull(request($sim, system: true, record: '2', text: TextMode::Php14))->rows) > 1);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
string(6) "portal"
string(3) "sim"
NULL
NULL
string(5) "j.doe"
string(3) "sim"
bool(true)
bool(true)
array(0) {
}
the user link exists now
string(5) "j.doe"
bool(true)
bool(true)
bool(true)
string(8) "complete"
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
bool(true)
bool(true)
bool(false)
bool(false)
string(2) "kg"
string(7) "29463-7"
bool(true)
string(5) "j.doe"
string(5) "final"
bool(true)
NULL
NULL
int(1)
int(1)
bool(true)
string(1) "1"
int(1)
string(6) "weight"
bool(true)
bool(true)
string(2) "kg"
string(0) ""
int(1)
int(1)
array(0) {
}
string(0) ""
int(0)
int(0)
decided values do not come back
array(0) {
}
bool(true)
TextMode::Php14: numbers as PHP floats with 14 digits
bool(true)
