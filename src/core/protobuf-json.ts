/**
 * A JSON value of a protobuf message in the one spelling that its readers know: field names in lowerCamelCase, and no
 * field that says null. Both spellings of a name are JSON of protobuf, and null means that a field is absent; producers
 * write either. Only for messages without map fields, whose keys are not names. Throws SyntaxError where one field is
 * there twice, in two spellings. Source: protobuf.dev, ProtoJSON format.
 */
export function fromProtobufJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromProtobufJson);
  if (typeof value !== "object" || value === null) return value;
  const fields = new Map<string, unknown>();
  for (const [name, each] of Object.entries(value)) {
    if (each === null) continue;
    const spelled = name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (fields.has(spelled)) throw new SyntaxError(`the field ${spelled} is there twice`);
    fields.set(spelled, fromProtobufJson(each));
  }
  return Object.fromEntries(fields);
}
