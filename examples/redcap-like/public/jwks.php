<?php

// The application's JSON Web Key Set, for EHRs whose registration asks for an address of it.
//
// It is empty: this application proves who it is with its client secret and signs nothing. No session is begun here, and
// nothing of the application is loaded: servers read it, as often as they like.

declare(strict_types=1);

// RFC 7517 has application/jwk-set+json, OpenID Connect's discovery application/json; some readers take only the latter.
header('Content-Type: application/json');
header('Cache-Control: public, max-age=300');
header('X-Content-Type-Options: nosniff');
echo '{"keys":[]}';
