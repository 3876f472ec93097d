--TEST--
FhirEhr\fields(): the field catalog
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$fields = FhirEhr\fields();
$by = array_column($fields, null, 'name');
var_dump(array_is_list($fields), count($fields) > 100, count($by) === count($fields));
foreach (['id', 'birthDate', '29463-7', '2160-0', '72166-2', 'active-problem-list'] as $name) {
    ksort($by[$name]); // the order of members means nothing
    echo json_encode($by[$name], JSON_UNESCAPED_SLASHES), "\n";
}
echo implode(', ', array_unique(array_column($fields, 'category'))), "\n";
echo implode(' ', array_keys(array_filter($by, fn($field) => $field['demographic'] && !str_contains($field['name'], '-')))), "\n";
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
{"category":"Identification","demographic":false,"label":"Medical record number","name":"id","synonyms":["MRN","chart number","patient number"],"temporal":false}
{"category":"Demographics","demographic":true,"label":"Date of birth","name":"birthDate","synonyms":["DOB","birth date","birthday","birthdate"],"temporal":false}
{"category":"Vital signs","demographic":false,"label":"Body weight","name":"29463-7","synonyms":["wt","weight","kg","pounds"],"temporal":true}
{"category":"Laboratory","demographic":false,"label":"Creatinine, serum or plasma","name":"2160-0","synonyms":["Cr","creat","SCr"],"temporal":true}
{"category":"Social history","demographic":false,"label":"Tobacco smoking status","name":"72166-2","synonyms":["smoking","smoker","cigarettes","tobacco use","nicotine"],"temporal":true}
{"category":"Conditions","demographic":false,"label":"Active problems","name":"active-problem-list","synonyms":["problem list","diagnosis","diagnoses","dx","PMH","conditions"],"temporal":true}
Identification, Demographics, Vital signs, Conditions, Medications, Allergies, Immunizations, Laboratory, Social history
birthDate gender race race_all_codes ethnicity email deceasedBoolean deceasedDateTime
