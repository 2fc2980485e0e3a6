// Reads texts as js-yaml does, with CloudFormation's tags kept as what they stand on. argv[2] is the package.
// A JSON text a line comes in, the documents of the text go out as JSON, or null where they are refused.
const yaml = require(process.argv[2]);

// The framework makes an object of each tagged value, also where it is a key.
class Tagged {
  constructor(data) {
    this.data = data;
  }
}
const tags = ['scalar', 'sequence', 'mapping'].map(
  (kind) => new yaml.Type('!', { kind, multi: true, construct: (data) => new Tagged(data), representName: () => '' }));
const schema = yaml.DEFAULT_SCHEMA.extend(tags);

function shown(value, depth = 0) {
  if (depth > 100) throw new RangeError('deep');
  if (value instanceof Tagged) return shown(value.data, depth);
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? ['n', String(value)] : ['f', String(value)];
  if (typeof value === 'string') return ['s', value];
  if (value instanceof Date) return ['t'];
  if (Array.isArray(value)) return ['l', value.map((item) => shown(item, depth + 1))];
  if (value instanceof Uint8Array) throw new TypeError('binary');
  return ['m', Object.entries(value).map(([name, item]) => [name, shown(item, depth + 1)])];
}

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line);
for (const line of lines) {
  let documents;
  try {
    documents = yaml.loadAll(JSON.parse(line), { schema });
  } catch (error) {
    console.log('null');
    continue;
  }
  try {
    console.log(JSON.stringify(documents.length ? documents.map((document) => shown(document)) : [null]));
  } catch (error) {
    console.log(JSON.stringify(error instanceof RangeError ? 'deep' : 'other'));
  }
}
