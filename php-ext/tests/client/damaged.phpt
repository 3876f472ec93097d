--TEST--
A damaged row blocks only its own record until it is removed
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\Exception\StagingException;

$sim = new Sim();
$client = client($sim, $store = new ArrayStore());
launch($client, $sim);
$pull = fn(string $record) => $client->pull(request($sim, record: $record));
$records = fn() => array_values(array_unique(array_column($client->staged('j.doe', 'p1'), 'record')));
$pull('1');
$key = $client->staged('j.doe', 'p1', '1')[0]->key;
$pull('2');

$store->damage('staged_row', $key);

var_dump($records());
foreach ([fn() => $client->staged('j.doe', 'p1', '1'), fn() => $pull('1')] as $call) {
    try {
        $call();
    } catch (StagingException $error) {
        echo $error->getName(), ' ', $error->getCode(), "\n";
    }
}
var_dump($client->removeDamaged('j.doe', 'p1', '2'), $client->removeDamaged('j.doe', 'p1'), $client->removeDamaged('j.doe', 'p1', '1'));
$pull('1');
var_dump($records());
?>
--EXPECT--
array(1) {
  [0]=>
  string(1) "2"
}
row_damaged 610
row_damaged 610
int(0)
int(1)
int(0)
array(2) {
  [0]=>
  string(1) "1"
  [1]=>
  string(1) "2"
}
