--TEST--
Client::grants(), introspect(), keepAlive(), signOut(), signOutUser(), signOutSystemAccount() and removeUser()
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{GrantEntry, GrantPage, Introspection, KeepAliveResult, KeptGrant, SignedOutGrant, UserRemoval};

$sim = new Sim();
$client = client($sim);
$client->handleLaunch(Sim::browser($client->signIn('sim', 'j.doe', SESSION, REDIRECT)), SESSION, REDIRECT);
$without = static function (object $object, string ...$names): string {
    $vars = get_object_vars($object);
    return json_encode(array_diff_key($vars, array_flip($names)), JSON_UNESCAPED_SLASHES);
};

echo "grants\n";
$page = $client->grants('admin');
var_dump(count($page->grants), $page->unreadable, $page->next);
$grant = $page->grants[0];
echo $without($grant, 'signedInAt', 'accessTokenExpiresAt'), "\n";
var_dump(abs($grant->signedInAt - time()) < 60, $grant->accessTokenExpiresAt > $grant->signedInAt);
$first = $client->grants('admin', limit: 1);
var_dump(count($first->grants), is_string($first->next), count($client->grants('admin', $first->next, 1)->grants));
shown(fn() => $client->grants('admin', null, 0));
shown(fn() => $client->grants('admin', null, -1));

echo "introspect\n";
foreach ($client->introspect('admin', 'j.doe', 'sim') as $token) {
    echo $token->token, ' ', var_export($token->active, true), ' ', $token->clientId, ' ', var_export($token->ownClient, true), "\n";
}
shown(fn() => $client->introspect('admin', null, 'sim'));

echo "keep-alive\n";
$kept = $client->keepAlive('admin');
echo $without($kept), "\n";

echo "sign-out\n";
$ended = $client->signOut('j.doe', 'sim');
echo $without($ended[0], 'accessTokenValidUntil'), "\n";
var_dump($client->signOut('j.doe', 'sim'), $client->signOutUser('admin', 'j.doe', 'sim'), $client->signOutSystemAccount('admin', 'sim'));
shown(fn() => $client->signOut('j.doe', 'none'));
shown(fn() => $client->signOut('', 'sim'));
$removal = $client->removeUser('admin', 'j.doe');
echo $without($removal), "\n";

echo "objects\n";
foreach ([GrantEntry::class, GrantPage::class, Introspection::class, KeepAliveResult::class, KeptGrant::class, SignedOutGrant::class, UserRemoval::class] as $name) {
    shown(fn() => new $name());
}
?>
--EXPECT--
grants
int(1)
array(0) {
}
NULL
{"source":"sim","user":"j.doe","systemAccount":false,"patientBound":false,"status":"active","refreshedAt":null,"refreshToken":true,"lapse":"ehr_session","lapsesAt":null,"troubleSince":null,"action":"none","advice":null,"warnings":[]}
bool(true)
bool(true)
int(1)
bool(true)
int(0)
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
introspect
access_token true app-user true
refresh_token true app-user true
FhirEhr\Exception\AuthorizationException grant_not_found 306
keep-alive
{"notDue":1,"unreadable":0,"revocationsFinished":0,"revocationsUnfinished":0,"grants":[]}
sign-out
{"source":"sim","patientBound":false,"refreshToken":"not_supported","accessToken":"not_supported","error":"revocation_not_supported","message":"The EHR does not revoke this token. It remains valid at the EHR until it expires. (source sim: it publishes no revocation_endpoint)","retryUntil":null}
array(0) {
}
array(0) {
}
array(0) {
}
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\RequestException request_invalid 502
{"links":0,"grants":[]}
objects
Error
Error
Error
Error
Error
Error
Error