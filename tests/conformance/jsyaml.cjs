// Reads texts as js-yaml does, with CloudFormation's tags kept. argv[2] is the package.
// A JSON text a line comes in, the documents of the text go out as JSON, or null where they are refused. Dates, bytes and ordered maps,
// which JSON does not have, are written as they stand.
const yaml = require(process.argv[2]);
const timestamp = require(process.argv[2] + '/lib/type/timestamp');

class Tagged {
  constructor(tag, data) {
    this.tag = tag;
    this.data = data;
  }
}
const core = (name, kind, absent) =>
  new yaml.Type('tag:yaml.org,2002:' + name, { kind, construct: (data) => (data === null ? absent : data) });
const tags = ['scalar', 'sequence', 'mapping'].map(
  (kind) => new yaml.Type('!', { kind, multi: true, construct: (data, tag) => new Tagged(tag, data) }));
const schema = yaml.DEFAULT_SCHEMA.extend({
  implicit: [new yaml.Type('tag:yaml.org,2002:timestamp', { kind: 'scalar', resolve: timestamp.resolve, construct: (data) => data })],
  explicit: [
    ...tags,
    new yaml.Type('tag:yaml.org,2002:binary', { kind: 'scalar', resolve: (data) => data !== null }),
    core('omap', 'sequence', []),
    core('pairs', 'sequence', []),
    core('set', 'mapping', {}),
  ],
});

function shown(value, depth = 0) {
  if (depth > 300) throw new RangeError('endless');
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return ['f', String(value)];
  if (typeof value === 'string') return ['s', value];
  if (value instanceof Tagged) return ['!', value.tag, shown(value.data, depth)];
  if (Array.isArray(value)) return ['l', value.map((item) => shown(item, depth + 1))];
  return ['m', Object.entries(value).map(([name, item]) => [name, shown(item, depth + 1)])];
}

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line);
for (const line of lines) {
  let documents;
  try {
    documents = yaml.loadAll(JSON.parse(line), { schema, maxDepth: 1000, maxTotalMergeKeys: -1 });
  } catch (error) {
    console.log('null');
    continue;
  }
  try {
    console.log(JSON.stringify(documents.length ? documents.map((document) => shown(document)) : [null]));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log('"endless"');
  }
}
