--TEST--
Value objects and the client: final, read-only, not cloned, not serialized, no secret in a dump
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Client, Environment, PullRequest, StoredRecord, Write};

$sim = new Sim();
$client = client($sim);
$redirect = $client->handleLaunch($sim->launch(), SESSION, REDIRECT);
$loginRequired = $client->handleLaunch(Sim::browser($redirect->url), SESSION, REDIRECT);
$signIn = $client->finishLogin($loginRequired->handover, SESSION, 'j.doe');
$request = request($sim);
$pulled = $client->pull($request);
$client->adjudicate('j.doe', 'p1', '1', accept: [$pulled->rows[0]->key]);
$set = $client->valuesToSave('j.doe', 'p1', '1');
$record = new StoredRecord('grant', 'k', 'o', 'p', 's', 'st', null, 1, 'sealed');
$write = new Write('grant', 'k', 1, $record);

foreach ([$client, $redirect, $signIn, $signIn->context, $request, $pulled, $pulled->rows[0], $set, $set->values[0], $record, $write] as $object) {
    $class = new ReflectionClass($object);
    $short = $class->getShortName();
    foreach (['clone' => fn() => clone $object, 'serialize' => fn() => serialize($object), 'dynamic' => fn() => $object->other = 1] as $what => $call) {
        $thrown = thrown($call);
        echo "$short $what: ", $thrown->getMessage(), "\n";
    }
    foreach ($class->getProperties() as $property) {
        $name = $property->getName();
        if (!$property->isReadOnly() || !$property->isPublic() || !str_contains(thrown(fn() => $object->$name = 1)->getMessage(), 'readonly')) {
            echo "$short::$name can be changed\n";
        }
    }
    if (!$class->isFinal()) {
        echo "$short is not final\n";
    }
    shown(fn() => $class->newInstanceWithoutConstructor());
    if ($class->getConstructor()->isPublic() && $object !== $client) {
        $arguments = $class->getName() === StoredRecord::class ? array_values(get_object_vars($object)) : array_slice(array_values(get_object_vars($object)), 0, $class->getConstructor()->getNumberOfRequiredParameters());
        echo thrown(fn() => $object->__construct(...$arguments))->getMessage(), "\n";
    }
}
shown(fn() => unserialize('O:14:"FhirEhr\Client":0:{}'));

echo "what a dump shows\n";
ob_start();
var_dump($client, $redirect, $loginRequired, $request);
print_r([$client, $redirect, $loginRequired, $request]);
$dump = ob_get_clean();
parse_str(parse_url($redirect->url, PHP_URL_QUERY), $asked);
foreach ([$asked['state'], $loginRequired->handover, $request->mrn, json_decode($sim->config())->vault->index_key, 'app-user'] as $secret) {
    var_dump(str_contains($dump, $secret));
}
var_dump($loginRequired->handover !== '(hidden)', get_object_vars($request)['mrn'] === $request->mrn);

echo "a read-only array holds no references\n";
$date = '2024-01-01';
$dates = ['visit' => &$date];
$request = new PullRequest('u', 's', 'p', Environment::Test, 'r', 'm', 'c', $dates);
$date = 'changed';
var_dump($request->dates['visit']);
?>
--EXPECTF--
%A
a read-only array holds no references
string(10) "2024-01-01"
