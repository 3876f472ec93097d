<?php

// Loads the PHP classes that ship with the extension, and the extension's interfaces if it is not loaded.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/../../php-ext/php/src/' . strtr(substr($class, strlen('FhirEhr\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'FhirEhr\\') && is_file($file)) {
        require $file;
    }
});
require_once __DIR__ . '/../../php-ext/php/polyfill.php';
