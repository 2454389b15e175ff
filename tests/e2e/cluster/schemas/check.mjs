// node check.mjs FILE...: checks Kubernetes manifests as an API server would: each document against the schema of its kind,
// and, as `kubectl apply --validate=strict`, for fields that the schema does not have. Prints one line a mistake:
//
//     edges.yaml: Deployment srs-edge: /spec/replicas must be integer
//
// Exits with 1 if there are any.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const models = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules", "kubernetes-models");

// The schema's validator of a kind: "apps/v1" and "Deployment" are in apps/v1/Deployment.js.
async function validatorOf(apiVersion, kind) {
  if (!/^[a-z0-9.]+(\/v[a-z0-9]+)?$/.test(apiVersion ?? "") || !/^[A-Za-z]+$/.test(kind ?? "")) return null;
  const model = path.join(models, apiVersion, `${kind}.js`);
  if (!fs.existsSync(model)) return null;
  const schema = /from"([^"]*_schemas\/[^"]+)"/.exec(fs.readFileSync(model, "utf8"))[1];
  return (await import(path.join(path.dirname(model), schema))).validate;
}

// The validators are compiled schemas: they read each field that the schema has, and no other, except where it has a map of
// any keys, which they enumerate. So what a validator does not look at is not in the schema.
function watched(value, seen) {
  if (value === null || typeof value !== "object") return value;
  const known = new Set();
  seen.push({ value, known });
  const children = new Map();
  return new Proxy(value, {
    get(target, key) {
      known.add(key);
      if (!children.has(key)) children.set(key, { proxy: watched(target[key], seen), key });
      return children.get(key).proxy;
    },
    ownKeys(target) {
      for (const key of Reflect.ownKeys(target)) known.add(key);
      return Reflect.ownKeys(target);
    },
  });
}

// Paths of the objects of a document, for messages.
function pathsOf(value, at = "", paths = new Map()) {
  if (value === null || typeof value !== "object") return paths;
  paths.set(value, at);
  for (const [key, child] of Object.entries(value)) pathsOf(child, `${at}/${key}`, paths);
  return paths;
}

async function mistakesIn(document) {
  if (document.errors.length > 0) return document.errors.map((error) => error.message.split("\n")[0]);
  const manifest = document.toJS();
  const validate = await validatorOf(manifest?.apiVersion, manifest?.kind);
  if (!validate) return [`there is no ${manifest?.kind} in ${manifest?.apiVersion}`];
  const name = `${manifest.kind} ${manifest.metadata?.name}`;
  const seen = [];
  const mistakes = validate(watched(manifest, seen))
    ? []
    : validate.errors.map((error) => `${name}: ${error.instancePath} ${error.message ?? error.keyword + " " + JSON.stringify(error.params)}`);
  const paths = pathsOf(manifest);
  for (const { value, known } of seen) {
    if (Array.isArray(value)) continue;
    for (const key of Object.keys(value))
      if (!known.has(key)) mistakes.push(`${name}: ${paths.get(value)}/${key} is not a field`);
  }
  return mistakes;
}

let count = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(fs.readFileSync(file, "utf8"), { merge: false, uniqueKeys: true })) {
    for (const mistake of new Set(await mistakesIn(document))) {
      console.log(`${path.basename(file)}: ${mistake}`);
      ++count;
    }
  }
}
process.exit(count > 0 ? 1 : 0);
