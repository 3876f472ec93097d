--TEST--
Client::patient(): look up one patient by id and by MRN
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, Environment, PatientRequest, TextMode};

$sim = new Sim();
['id' => $id, 'mrn' => $mrn] = $sim->patient();
$access = new class implements Access {
    public array $asked = [];

    public function allows(string $user, string $project, Action $action): bool
    {
        $this->asked[] = "$user '$project' $action->value";
        return $user !== 'mallory';
    }
};
$client = client($sim, access: $access);
launch($client, $sim, patient: $id);
$access->asked = [];

$fields = ['name-family', 'name-given', 'birthDate', 'gender', 'email-3'];
$patient = $client->patient(new PatientRequest(user: 'j.doe', source: 'sim', patientId: $id, fields: $fields));
var_dump($patient->patientId === $id, $patient->mrns[0] === $mrn, array_is_list($patient->mrns));
var_dump(array_keys($patient->values), preg_match('~^\d{4}(-\d\d){0,2}$~', $patient->values['birthDate']));
$inStudy = ['user' => 'j.doe', 'source' => 'sim', 'mrn' => $mrn, 'project' => 'p1', 'environment' => Environment::Sandbox,
    'projectSystemAccount' => true];
$same = $client->patient(new PatientRequest(...$inStudy, fields: ['gender'], text: TextMode::Php14));
var_dump($same->patientId === $id, $same->values === ['gender' => $patient->values['gender']]);
var_dump($client->patient(new PatientRequest(...['user' => '', 'system' => true] + $inStudy))->values);
echo implode(', ', $access->asked), "\n";
var_dump($client->staged('j.doe', 'p1'));

echo "refused\n";
$ask = fn(mixed ...$changes) => $client->patient(new PatientRequest(...$changes + ['user' => 'j.doe', 'source' => 'sim']));
shown(fn() => $ask());
shown(fn() => $ask(mrn: $mrn, patientId: $id));
shown(fn() => $ask(mrn: $mrn));
shown(fn() => $ask(mrn: $mrn, project: 'p1'));
shown(fn() => $ask(mrn: $mrn, project: 'p1', environment: Environment::Production));
shown(fn() => $ask(patientId: $id, system: true));
shown(fn() => $ask(patientId: $id, fields: ['29463-7']));
shown(fn() => $ask(patientId: $id, fields: array_fill(0, 6, 'gender')));
shown(fn() => $ask(patientId: $id, fields: [1]));
shown(fn() => $ask(patientId: $id, user: 'mallory'));
shown(fn() => $ask(patientId: $id, user: 'r.roe'));
shown(fn() => $ask(patientId: 'no-such-patient'));
shown(fn() => $ask(...['mrn' => 'NO-SUCH-NUMBER'] + $inStudy));
shown(fn() => $ask(patientId: "\xff"));

echo "dumps and traces\n";
ini_set('zend.exception_ignore_args', '0');
$request = new PatientRequest(...$inStudy);
ob_start();
var_dump($request, $patient);
print_r([$request, $patient]);
echo thrown(fn() => new PatientRequest('u', 's', $mrn, $id, [1]));
$dump = ob_get_clean();
foreach ([$mrn, $id, $patient->values['name-family'], $patient->values['birthDate']] as $secret) {
    var_dump(str_contains($dump, $secret));
}
var_dump($request->mrn === $mrn, $request->patientId, str_contains($dump, '(hidden)'));
foreach ([$request, $patient] as $object) {
    shown(fn() => clone $object);
    shown(fn() => serialize($object));
    shown(fn() => $object->other = 1);
    shown(fn() => $object->patientId = 'x');
}
shown(fn() => $request->__construct('u', 's'));
shown(fn() => new FhirEhr\Patient());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
array(4) {
  [0]=>
  string(9) "birthDate"
  [1]=>
  string(6) "gender"
  [2]=>
  string(11) "name-family"
  [3]=>
  string(10) "name-given"
}
int(1)
bool(true)
bool(true)
array(0) {
}
j.doe '' launch, j.doe 'p1' pull,  'p1' pull
array(0) {
}
refused
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\ConfigurationException environment_mismatch 105
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
TypeError
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AuthorizationException grant_not_found 306
FhirEhr\Exception\FhirException fhir_error 407
FhirEhr\Exception\PatientException patient_not_found 409
FhirEhr\Exception\RequestException request_invalid 502
dumps and traces
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
NULL
bool(true)
Error
Exception
Error
Error
Error
Exception
Error
Error
Error
Error
