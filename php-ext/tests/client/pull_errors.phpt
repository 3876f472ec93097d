--TEST--
Exceptions of Client::pull()
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Environment, Exception, OffsetDirection};

$sim = new Sim();
$client = client($sim, changes: ['limits' => ['retries' => 0]]);
shown(fn() => $client->pull(request($sim)));
launch($client, $sim);
shown(fn() => $client->pull(request($sim, source: 'none')));
shown(fn() => $client->pull(request($sim, environment: Environment::Production)));
shown(fn() => $client->pull(request($sim, mapping: 'a,b')));
shown(fn() => $client->pull(request($sim, mrn: 'unknown')));
shown(fn() => $client->pull(request($sim, system: true, mrn: 'unknown')));
shown(fn() => $client->pull(request($sim, mrn: '')));
shown(fn() => $client->pull(request($sim, record: "\xff")));
shown(fn() => $client->pull(request($sim, dates: ['visit' => 'yesterday'])));
shown(fn() => $client->pull(request($sim, launchPatient: 'another one')));
$sim->fault('fhir-status:503', 'retry-after:7');
$thrown = thrown(fn() => $client->pull(request($sim)));
echo $thrown::class, ' ', $thrown->getName(), ' ', $thrown->getHttpStatus(), ' ', $thrown->getRetryAfter(), ' ', $thrown->getRetry(), "\n";
$sim->fault('html-error');
shown(fn() => $client->pull(request($sim)));
$sim->fault();

echo "one resource type fails, and the pull continues\n";
$sim->fault('deny-type:Observation');
$pulled = $client->pull(request($sim));
var_dump($pulled->complete, $pulled->report['resources']['Observation']['status']);
$sim->fault('never-answers@Patient');
$slow = client($sim, changes: ['limits' => ['retries' => 0, 'request_seconds' => 1]]);
$thrown = thrown(fn() => $slow->pull(request($sim)));
var_dump($thrown instanceof Exception\ConnectionException);
shown(fn() => throw $thrown);
$sim->fault();
$patient = $sim->patient()['mrn'];
$config = $sim->config(['store' => ['sqlite' => temporary() . '/store']]);
$request = request($sim);
$sim->stop();
shown(fn() => (new FhirEhr\Client($config, access: new AllowAll()))->pull($request));

echo "arguments\n";
shown(fn() => request($sim, mrn: '1', offsetDays: -1));
shown(fn() => request($sim, mrn: '1', dates: ['visit' => 5]));
shown(fn() => request($sim, mrn: '1', dates: ['visit' => ['e1' => ['x' => '2024-01-01']]]));
var_dump(request($sim, mrn: '1', dates: ['visit' => ['e1' => '2024-01-01'], '2024' => '2024-01-01'])->offsetDirection === OffsetDirection::Both);
var_dump((new FhirEhr\PullRequest('j.doe', 'sim', 'p1', Environment::Sandbox, '1', 'M-1', MAPPING))->offsetDays);
shown(fn() => $client->adjudicate('j.doe', 'p1', '1', accept: [1]));
shown(fn() => $client->adjudicate('j.doe', 'p1', '1', reject: ['no such row']));
shown(fn() => $client->reopen('j.doe', 'p1', '1', ['no such row']));
shown(fn() => $client->reopen('j.doe', 'p1', '1', [null]));
shown(fn() => $client->confirmSaved('p1', '1', 'no such set'));
shown(fn() => $client->returnUnsaved('p1', '1', 'no such set'));
var_dump($client->adjudicate('j.doe', 'p1', '1'));
?>
--EXPECT--
FhirEhr\Exception\AuthorizationException grant_not_found 306
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\ConfigurationException environment_mismatch 105
FhirEhr\Exception\MappingException mapping_invalid 501
FhirEhr\Exception\PatientException patient_not_found 409
FhirEhr\Exception\PatientException patient_not_found 409
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\PatientException patient_mismatch 411
FhirEhr\Exception\FhirException fhir_unavailable 503 7 later
FhirEhr\Exception\FhirException fhir_unavailable 408
one resource type fails, and the pull continues
bool(false)
string(6) "denied"
bool(true)
FhirEhr\Exception\TimeoutException network_timeout 402
FhirEhr\Exception\ConnectionException network_unreachable 401
arguments
ValueError
TypeError
TypeError
bool(true)
int(7)
TypeError
FhirEhr\Exception\StagingException row_not_found 603
FhirEhr\Exception\StagingException row_not_found 603
TypeError
FhirEhr\Exception\StagingException save_not_found 606
FhirEhr\Exception\StagingException save_not_found 606
int(0)
