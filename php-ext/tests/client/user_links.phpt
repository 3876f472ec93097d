--TEST--
Client::links() and unlink(); the launch context has the result of the id_token and the FHIR user
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, FhirUser, UserLink};

$sim = new Sim('--personality', 'generic');
$access = new class implements Access {
    public function allows(string $user, string $project, Action $action): bool
    {
        return $action !== Action::Configure || $user === 'admin';
    }
};
$client = client($sim, access: $access);
$launch = function () use ($client, $sim) {
    $redirect = $client->handleLaunch($sim->launch(), SESSION, REDIRECT);
    return $client->handleLaunch(Sim::browser($redirect->url), SESSION, REDIRECT);
};
var_dump($client->links('admin'));
$signIn = $client->finishLogin($launch()->handover, SESSION, 'alice');
$context = $signIn->context;
var_dump($context->idToken, $context->idTokenError, $context->fhirUser->resourceType, $context->fhirUser->wasRead);
var_dump($context->fhirUser->reference === "Practitioner/{$context->fhirUser->id}", $context->fhirUser->name);

echo "links\n";
[$link] = $client->links(user: 'admin');
echo "$link->source $link->key $link->ehrUser $link->applicationUser ", json_encode([$link->damaged, $link->createdAt > 0]), "\n";
echo $launch()->kind->value, "\n";
$client->unlink(user: 'admin', id: $link->id);
echo $launch()->kind->value, "\n";
shown(fn() => $client->unlink('admin', $link->id));
shown(fn() => $client->links('alice'));
shown(fn() => $client->unlink('alice', $link->id));

echo "dumps\n";
$dump = print_r($link, true) . json_encode($link) . var_export($link, true) . print_r($context, true) . json_encode($context);
var_dump(str_contains($dump, 'alice'), str_contains($dump, $context->fhirUser->id), str_contains($dump, $link->id));
foreach ([UserLink::class => $link, FhirUser::class => $context->fhirUser] as $name => $object) {
    shown(fn() => new $name());
    shown(fn() => clone $object);
    shown(fn() => serialize($object));
}
?>
--EXPECT--
array(0) {
}
string(8) "verified"
NULL
string(12) "Practitioner"
bool(false)
bool(true)
NULL
links
sim token_response portal alice [false,true]
signed_in
login_required
FhirEhr\Exception\RequestException user_link_not_found 233
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
dumps
bool(false)
bool(false)
bool(false)
Error
Error
Exception
Error
Error
Exception
