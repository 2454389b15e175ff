// node to_json.mjs FILE...: the documents of all YAML files as one JSON array, for the tests that are in Python.
import fs from "node:fs";
import { parseAllDocuments } from "yaml";

const documents = process.argv.slice(2).flatMap((file) => parseAllDocuments(fs.readFileSync(file, "utf8")));
console.log(JSON.stringify(documents.map((document) => document.toJS())));
