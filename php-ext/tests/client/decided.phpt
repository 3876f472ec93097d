--TEST--
Client::decided(): changes in the EHR, removals, a corrected MRN, and discarded resources in the report
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Action, Access, EhrState, RowState};

$sim = new Sim();
$client = client($sim);
launch($client, $sim);
$patient = $sim->patient()['id'];
$csv = HEADER . "birthDate,,dob,,,\nactive-problem-list,,problems,,,\n";
$problem = fn(string $id, string $text, string $status = 'active') => $sim->control('resource', [
    'resourceType' => 'Condition', 'id' => $id, 'subject' => ['reference' => "Patient/$patient"], 'code' => ['text' => $text],
    'clinicalStatus' => ['coding' => [['system' => 'http://terminology.hl7.org/CodeSystem/condition-clinical', 'code' => $status]]],
    'category' => [['coding' => [['system' => 'http://terminology.hl7.org/CodeSystem/condition-category', 'code' => 'problem-list-item']]]],
    'recordedDate' => '2020-01-01',
]);
$pull = fn(mixed ...$changes) => $client->pull(request($sim, ...['mapping' => $csv, ...$changes]));
$of = fn(string $value, array $rows) => current(array_filter($rows, fn($row) => $row->value === $value));
$decided = fn() => $client->decided('j.doe', 'p1', '1');
$staged = fn() => $client->staged('j.doe', 'p1', '1');
$save = function () use ($client): array {
    $set = $client->valuesToSave('j.doe', 'p1', '1');
    if ($set->values !== []) {
        $client->confirmSaved('p1', '1', $set->saveId);
    }
    return array_column($set->values, 'value', 'studyField');
};

$problem('d1', 'Decided asthma');
$problem('d2', 'Decided gout');
$problem('d3', 'Decided flu');
$rows = $pull()->rows;
var_dump($rows[0]->ehrState === EhrState::Current, $rows[0]->removing);
$keys = array_map(fn($value) => $of($value, $rows)->key, ['Decided asthma', 'Decided gout', 'Decided flu']);
$client->adjudicate('j.doe', 'p1', '1', accept: $keys);
var_dump($save()['problems'] === "Decided asthma\nDecided gout\nDecided flu");

echo "the state of the values in the EHR\n";
$sim->control('remove', ['resourceType' => 'Condition', 'id' => 'd1']);
$problem('d2', 'Decided gout', 'resolved');
$problem('d3', 'Decided influenza');
$pull();
foreach (['Decided asthma', 'Decided gout', 'Decided flu'] as $value) {
    $row = $of($value, $decided());
    echo "$value: {$row->state->value}, {$row->ehrState->value}\n";
}
$corrected = $of('Decided influenza', $staged());
var_dump($corrected->changed, $corrected->state === RowState::Pending, $corrected->key === "$keys[2].1");

echo "a removal that is undone once\n";
var_dump($client->removeSaved('j.doe', 'p1', '1', [$keys[0]]), $of('Decided asthma', $decided()));
$row = $of('Decided asthma', $staged());
var_dump($row->removing, $row->state === RowState::Accepted);
var_dump($client->reopen('j.doe', 'p1', '1', [$keys[0]]), $of('Decided asthma', $decided())->removing, $save());
var_dump($client->removeSaved('j.doe', 'p1', '1', keys: [$of('Decided asthma', $decided())->decision]));
var_dump($save()['problems'] === "Decided gout\nDecided flu");
$removed = current(array_filter($decided(), fn($row) => $row->key === $keys[0]));
var_dump($removed->state === RowState::Rejected, $removed->value);
shown(fn() => $client->removeSaved('j.doe', 'p1', '1', [$keys[0]]));
shown(fn() => $client->removeSaved('j.doe', 'p1', '1', ['no such row']));
shown(fn() => $client->removeSaved('j.doe', 'p1', '1', [4]));

echo "a wrong MRN\n";
$others = array_values(array_filter($sim->control('patients'), fn($one) => ($one['mrn'] ?? null) && $one['id'] !== $patient));
$pull(record: '2');
launch($client, $sim, patient: $others[0]['id']);
shown(fn() => $pull(record: '2', mrn: $others[0]['mrn']));
var_dump($client->clearPending('j.doe', 'p1', '2') > 0, $client->staged('j.doe', 'p1', '2'), $client->clearPending('j.doe', 'p1', '2'));
var_dump($pull(record: '2', mrn: $others[0]['mrn'])->patientId === $others[0]['id']);
launch($client, $sim);
echo "saved values keep the record bound to the patient\n";
var_dump($client->clearPending('j.doe', 'p1', '1') > 0);
shown(fn() => $pull(mrn: $others[0]['mrn']));

echo "resources that gave no row\n";
$report = $pull(explain: true)->report['resources']['Condition'];
var_dump($report['received'] === $report['with_rows'] + array_sum($report['discarded']));
var_dump(in_array('d2', array_merge(...array_values($report['discarded_ids'])), true));
var_dump(isset($pull()->report['resources']['Condition']['discarded_ids']));
var_dump($pull()->report['resources']['Patient']['received']);

echo "access\n";
$access = new class implements Access {
    public array $asked = [];

    public function allows(string $user, string $project, Action $action): bool
    {
        $this->asked[] = "$user/$project/$action->value";
        return false;
    }
};
$refused = client($sim, access: $access);
shown(fn() => $refused->decided('x', 'p1', '1'));
shown(fn() => $refused->removeSaved('x', 'p1', '1', []));
shown(fn() => $refused->clearPending('x', 'p1', '1'));
echo implode(' ', array_unique($access->asked)), "\n";
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
the state of the values in the EHR
Decided asthma: saved, gone
Decided gout: saved, not_matching
Decided flu: saved, corrected
bool(true)
bool(true)
bool(true)
a removal that is undone once
int(1)
bool(false)
bool(true)
bool(true)
int(1)
bool(false)
array(0) {
}
int(1)
bool(true)
bool(true)
string(0) ""
FhirEhr\Exception\StagingException row_not_found 603
FhirEhr\Exception\StagingException row_not_found 603
TypeError
a wrong MRN
FhirEhr\Exception\StagingException record_bound 608
bool(true)
array(0) {
}
int(0)
bool(true)
saved values keep the record bound to the patient
bool(true)
FhirEhr\Exception\StagingException record_bound 608
resources that gave no row
bool(true)
bool(true)
bool(false)
int(1)
access
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
x/p1/adjudicate
