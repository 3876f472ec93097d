<?php

// Prints one stub file for IDEs and static analysis, made from the .stub.php files of a folder.

declare(strict_types=1);

$files = new RegexIterator(new RecursiveIteratorIterator(new RecursiveDirectoryIterator($argv[1])), '/\.stub\.php$/');
$paths = array_map(strval(...), iterator_to_array($files, false));
// Parents first, so that the file can be loaded by itself.
$first = ['Exception/Exception', 'Exception/RuntimeException', 'Exception/ConnectionException'];
$order = static function (string $path) use ($first): string {
    foreach ($first as $number => $part) {
        if (str_ends_with($path, "$part.stub.php")) {
            return " $number";
        }
    }
    return $path;
};
usort($paths, static fn($one, $other) => strcmp($order($one), $order($other)));
echo "<?php\n\n// Made by php-ext/scripts/gen-arginfo from the .stub.php files. For IDEs and static analysis; never loaded.\n";
foreach ($paths as $path) {
    $text = file_get_contents($path);
    $text = preg_replace('~^<\?php\s+/\*\* @generate-class-entries \*/\s+~', '', $text);
    // Tags for gen_stub.php say nothing to an IDE.
    $text = preg_replace('~^ \* @(strict-properties|not-serializable)\n~m', '', $text);
    $text = preg_replace('~^ \*\n( \*/)~m', '$1', $text);
    // gen_stub.php reads no generics after @param.
    $text = preg_replace('~@param (\w+)\[\] ~', '@param list<$1> ', $text);
    $text = preg_replace('~@param array (\$\w+) (\w+) => (\w+)$~m', '@param array<$2, $3> $1', $text);
    // One file holds two namespaces, so each has its braces.
    if (preg_match('~^namespace ([\w\\\\]+);\n~m', $text, $found)) {
        $body = trim(str_replace($found[0], '', $text));
        $body = preg_replace('~^(?=.)~m', '    ', $body);
        $text = "namespace $found[1] {\n$body\n}\n";
    }
    echo "\n", $text;
}
