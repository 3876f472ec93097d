<?php

// The application's JSON Web Key Set, for EHRs whose registration asks for a JWKS URL.
//
// It is empty: this application authenticates with its client secret and signs nothing. EHR servers request this page often, so it
// starts no session and loads nothing of the application.

declare(strict_types=1);

// RFC 7517 specifies application/jwk-set+json, OpenID Connect Discovery application/json. Some clients accept only the latter.
header('Content-Type: application/json');
header('Cache-Control: public, max-age=300');
header('X-Content-Type-Options: nosniff');
echo '{"keys":[]}';
