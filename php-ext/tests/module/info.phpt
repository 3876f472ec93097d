--TEST--
phpinfo(), version() and the ini settings
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

ob_start();
phpinfo(INFO_MODULES);
preg_match('~\nfhir_ehr\n\n(.*?)\n\n(.*?)\n\n~s', ob_get_clean(), $found);
echo preg_replace(['~ => \d+\.\d+\.\d+$~m', '~ => /.*libfhir_ehr\.so\.1.*$~m'], [' => VERSION', ' => PATH'], "$found[1]\n$found[2]"), "\n";
var_dump(preg_match('~^\d+\.\d+\.\d+$~', FhirEhr\version()), str_contains(file_get_contents('/proc/self/maps'), 'libfhir_ehr.so'));
var_dump(ini_set('fhir_ehr.timeout_cap', '1'), ini_get('fhir_ehr.max_body_bytes'));
var_dump(array_keys(get_extension_funcs('fhir_ehr')), (new ReflectionExtension('fhir_ehr'))->getConstants());
echo implode(' ', array_keys((new ReflectionExtension('fhir_ehr'))->getDependencies())), "\n";
?>
--EXPECT--
fhir_ehr support => enabled
Extension version => VERSION
Header version => VERSION
Library version => VERSION
Header ABI level => 1
Library ABI level => 1
TLS provider => rustls with ring
Library path => PATH
Directive => Local Value => Master Value
fhir_ehr.max_body_bytes => 32M => 32M
fhir_ehr.timeout_cap => 120 => 120
int(1)
bool(true)
bool(false)
string(3) "32M"
array(2) {
  [0]=>
  int(0)
  [1]=>
  int(1)
}
array(0) {
}
json spl
