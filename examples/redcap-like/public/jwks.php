<?php

// The application's JSON Web Key Set: the public keys of private_key_jwt. EHRs fetch it, so the page has no login and starts no session.

declare(strict_types=1);

use App\App;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
header('X-Content-Type-Options: nosniff');
try {
    $jwks = $app->signingKeys()->jwks();
} catch (Throwable $thrown) {
    // The error page of the application would start a session.
    error_log((string) $thrown);
    http_response_code(503);
    header('Cache-Control: no-store');
    exit;
}
// RFC 7517 specifies application/jwk-set+json, OpenID Connect Discovery application/json. Some clients accept only the latter.
header('Content-Type: application/json');
header('Cache-Control: ' . ($jwks->cacheControl ?? 'public, max-age=300'));
echo $jwks->json ?? '{"keys":[]}';
