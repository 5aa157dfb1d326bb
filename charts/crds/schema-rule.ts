import { existsSync, readFileSync } from 'node:fs';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import type { Manifest } from '../invariants/manifest.js';
import type { Rule } from '../invariants/rule.js';
import type { Schema } from './schema.js';

const SCHEMAS = new URL('../../imports/schemas/', import.meta.url);

interface BuiltIn {
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

interface Custom {
  readonly apiVersion: string;
  readonly schema: Schema;
}

/**
 * Holds every object strictly to the schema of its kind, as the API server does with strict field validation: built-in
 * kinds to Kubernetes' own, others to their CRD. Reading and compiling the schemas takes longer than rendering, so this is
 * a rule of the tests, not of each synth. CEL rules are the API server's alone.
 */
export function schemaRule(): Rule {
  const builtIn = JSON.parse(readFileSync(new URL('kubernetes.json', SCHEMAS), 'utf8')) as BuiltIn;
  const ajv = new Ajv({ strict: false, allErrors: true, code: { optimize: false }, inlineRefs: false });
  const definitions = {
    ...builtIn.definitions,
    ObjectMeta: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
  };
  ajv.addSchema({ $id: 'kubernetes', definitions });
  const compiled = new Map<string, ValidateFunction | string>();
  const validator = (manifest: Manifest): ValidateFunction | string => {
    const key = `${manifest.apiVersion} ${manifest.kind}`;
    const found = compiled.get(key) ?? compile(manifest, key);
    compiled.set(key, found);
    return found;
  };
  const compile = ({ apiVersion, kind }: Manifest, key: string): ValidateFunction | string => {
    const definition = builtIn.kinds[key];
    if (definition !== undefined) return ajv.compile({ $ref: `kubernetes#/definitions/${definition}` });
    const file = new URL(`${apiVersion.split('/')[0] ?? ''}/${kind}.json`, SCHEMAS);
    if (!existsSync(file)) return `there is no schema of ${apiVersion} ${kind}`;
    const custom = JSON.parse(readFileSync(file, 'utf8')) as Custom;
    if (custom.apiVersion !== apiVersion) return `apiVersion = "${apiVersion}": the CRD serves ${custom.apiVersion}`;
    // Every object has these, and not every CRD says so.
    const $ref = 'kubernetes#/definitions/ObjectMeta';
    const common = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { $ref } };
    return ajv.compile({ ...custom.schema, properties: { ...custom.schema.properties, ...common } });
  };
  return {
    name: 'schema',
    *check({ manifests }) {
      for (const manifest of manifests) {
        const validate = validator(manifest);
        if (typeof validate === 'string') yield { manifest, message: validate };
        else if (!validate(manifest))
          yield* (validate.errors ?? []).map((error) => ({ manifest, message: say(error) }));
      }
    },
  };
}

function say({ instancePath, message = '', params, keyword }: ErrorObject): string {
  const field = instancePath.slice(1).replaceAll('/', '.');
  const named = params as { readonly additionalProperty?: string; readonly allowedValues?: readonly unknown[] };
  if (keyword === 'additionalProperties') return `${field} has no field "${named.additionalProperty ?? ''}"`;
  if (keyword === 'enum') return `${field}: want one of ${(named.allowedValues ?? []).join(', ')}`;
  return `${field} ${message}`;
}
