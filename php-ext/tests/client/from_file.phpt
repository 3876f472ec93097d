--TEST--
Client::fromFile(): relative paths count from the file's folder, and a change takes effect at once
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\Client;

$sim = new Sim();
$folder = temporary();
$config = $sim->config(['store' => ['sqlite' => 'in-the-folder.sqlite'], 'vault' => ['index_key' => 'file:index.key']]);
file_put_contents("$folder/index.key", json_decode($sim->config())->vault->index_key . "\n");
file_put_contents("$folder/fhir_ehr.json", $config);
chdir('/');
$client = Client::fromFile("$folder/fhir_ehr.json", access: new AllowAll());
launch($client, $sim);
var_dump(is_file("$folder/in-the-folder.sqlite"));
chdir($folder);
var_dump(count(Client::fromFile(path: 'fhir_ehr.json', access: new AllowAll())->pull(request($sim))->rows) > 1);

file_put_contents("$folder/fhir_ehr.json", '{"registrations": 1}');
shown(fn() => Client::fromFile('fhir_ehr.json'));
echo strtr(thrown(fn() => Client::fromFile('fhir_ehr.json'))->getMessage(), [realpath($folder) => 'FOLDER']), "\n";
shown(fn() => Client::fromFile("$folder/none.json"));
echo thrown(fn() => Client::fromFile('/none/fhir_ehr.json'))->getMessage(), "\n";
shown(fn() => Client::fromFile("a\0b"));

echo "a folder, and a file outside open_basedir: an exception, and no PHP warning\n";
foreach ([$folder, "$folder/", '/', '.'] as $name) {
    shown(fn() => Client::fromFile($name));
}
[$printed] = child('shown(fn() => FhirEhr\Client::fromFile("/etc/hostname"));', ['open_basedir' => dirname(__DIR__) . PATH_SEPARATOR . $folder]);
echo $printed, "\n";
var_dump(count($client->staged('j.doe', 'p1')) > 1);
?>
--EXPECT--
bool(true)
bool(true)
FhirEhr\Exception\ConfigurationException config_invalid 101
The configuration document is not valid. (file FOLDER/fhir_ehr.json: registrations: a value has the wrong type, line 1, column 19)
FhirEhr\Exception\ConfigurationException config_invalid 101
The configuration document is not valid. (file /none/fhir_ehr.json: there is no such file)
ValueError
a folder, and a file outside open_basedir: an exception, and no PHP warning
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\ConfigurationException config_invalid 101
bool(true)
