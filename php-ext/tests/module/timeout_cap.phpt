--TEST--
fhir_ehr.timeout_cap lowers the time limits of the configuration
--INI--
fhir_ehr.timeout_cap=1
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$client = client($sim, changes: ['limits' => ['retries' => 0, 'request_seconds' => 50, 'pull_seconds' => 100]]);
$sim->fault('never-answers');
$began = microtime(true);
shown(fn() => $client->pull(request($sim, system: true)));
var_dump(microtime(true) - $began < 4 * PATIENCE);
?>
--EXPECT--
FhirEhr\Exception\TimeoutException network_timeout 402
bool(true)
