--TEST--
memory_limit exceeded while a large result is copied: the library leaks nothing
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';
require __DIR__ . '/../utils/server.inc';

// Results of 2.5 kB each. Under the limits below they fit, fail while being copied, or are refused before.
$patient = ['resourceType' => 'Patient', 'id' => 'big', 'identifier' => [['system' => 'urn:oid:1.2.3', 'value' => 'M1',
    'type' => ['coding' => [['system' => 'http://terminology.hl7.org/CodeSystem/v2-0203', 'code' => 'MR']]]]]];
$resources = [$patient];
for ($i = 0; $i < 1500; $i++) {
    $resources[] = ['resourceType' => 'Observation', 'id' => "o$i", 'status' => 'final', 'subject' => ['reference' => 'Patient/big'],
        'category' => [['coding' => [['system' => 'http://terminology.hl7.org/CodeSystem/observation-category', 'code' => 'laboratory']]]],
        'code' => ['coding' => [['system' => 'http://loinc.org', 'code' => '718-7']]],
        'effectiveDateTime' => '2024-01-01T00:00:00Z', 'valueString' => "$i " . str_repeat('large ', 420)];
}
$folder = temporary();
file_put_contents("$folder/data.json", json_encode(['resourceType' => 'Bundle', 'type' => 'collection', 'entry' => array_map(fn($one) => ['resource' => $one], $resources)]));
$sim = new Sim('--data', "$folder/data.json", '--page-size', '500');
$servers = new Servers();
$environment = application($sim);
file_put_contents($environment['FHIR_EHR_TEST_MAPPING'], HEADER . "718-7,,hb,,,\n");
$base = serve($servers, $environment);
echo get("$base/pull?mrn=M1&system=1")[1], "\n";
echo get("$base/staged")[1], "\n";
$seen = [];
$limited = function (string $memory) use ($base, &$seen) {
    $said = get("$base/staged?memory=$memory")[1];
    preg_match('~Allowed memory size|The result needs|staged: 1500~', $said, $found);
    $seen[$found[0] ?? "nothing, under $memory"] = true;
};
$memories = ['3M', '4M', '4500K', '5M', '5500K', '6M', '6500K', '7M', '8M'];
array_map($limited, $memories);
$before = process($base);
for ($i = 0; $i < 4; $i++) {
    array_map($limited, $memories);
}
$after = process($base);
ksort($seen);
echo implode("\n", array_keys($seen)), "\n";
var_dump($before['pid'] === $after['pid']);
echo $after['kilobytes'] - $before['kilobytes'] < 5000 ? "memory kept\n" : "memory lost: {$before['kilobytes']} -> {$after['kilobytes']}\n";

echo "a response larger than fhir_ehr.max_body_bytes\n";
$small = serve($servers, $environment, ['fhir_ehr.max_body_bytes' => '200K']);
$sim->fault('huge-body:3000000@Patient');
preg_match('~FhirException: .*?\(?larger than~', get("$small/pull?mrn=M1&system=1")[1], $found);
echo $found[0] ?? '?', "\n";
?>
--EXPECT--
rows: 1500
staged: 1500
Allowed memory size
The result needs
staged: 1500
bool(true)
memory kept
a response larger than fhir_ehr.max_body_bytes
FhirException: The EHR's answer is larger than
