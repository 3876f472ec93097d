--TEST--
Client::jwks(): the public keys of a key ring
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, JwksDocument};

$sim = new Sim();
openssl_pkey_export(openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'secp384r1']), $pem);
$ring = fn(string $key) => ['key_rings' => [['name' => 'main', 'keys' => [
    ['kid' => 'k1', 'key' => $key, 'algorithm' => 'ES384', 'state' => 'current'],
]]]];
$refuses = new class implements Access {
    public function allows(string $user, string $project, Action $action): bool
    {
        return false;
    }
};
$document = client($sim, access: $refuses, changes: $ring($pem))->jwks(keyRing: 'main');
echo "$document->cacheControl\n";
$keys = json_decode($document->json, true)['keys'];
ksort($keys[0]);
echo implode(' ', array_keys($keys[0])), " {$keys[0]['kid']} {$keys[0]['alg']}\n";
$public = openssl_pkey_get_details(openssl_pkey_get_private($pem))['ec'];
var_dump(rtrim(strtr(base64_encode(str_pad($public['x'], 48, "\0", STR_PAD_LEFT)), '+/', '-_'), '=') === $keys[0]['x']);
shown(fn() => client($sim)->jwks('main'));
shown(fn() => client($sim, changes: $ring('file:/nothing/here.pem'))->jwks('main'));
shown(fn() => client($sim, changes: $ring('no key'))->jwks('main'));
shown(fn() => new JwksDocument());
shown(fn() => clone $document);
shown(fn() => serialize($document));
?>
--EXPECT--
public, max-age=3600
alg crv kid kty use x y k1 ES384
bool(true)
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\ConfigurationException secret_unavailable 103
FhirEhr\Exception\ConfigurationException config_invalid 101
Error
Error
Exception
