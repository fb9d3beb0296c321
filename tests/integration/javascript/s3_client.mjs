// What a program with the AWS SDK for JavaScript does with S3; prints what it saw, as JSON.
// Arguments: the folder that has node_modules, the endpoint, the bucket.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { Readable } from "node:stream";

const [modules, endpoint, bucket] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { S3Client, ...s3 } = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const client = new S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const seen = {};

await client.send(
  new s3.PutObjectCommand({ Bucket: bucket, Key: "dir/é +.txt", Body: "text", ContentType: "text/plain" }),
);
const got = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: "dir/é +.txt" }));
seen.put = [await got.Body.transformToString(), got.ContentType];

const signedPut = await getSignedUrl(
  client,
  new s3.PutObjectCommand({ Bucket: bucket, Key: "signed", ContentType: "text/html" }),
  { expiresIn: 60, signableHeaders: new Set(["content-type"]) },
);
const sent = await fetch(signedPut, { method: "PUT", body: "<p>", headers: { "Content-Type": "text/html" } });
const other = await fetch(signedPut, { method: "PUT", body: "<p>", headers: { "Content-Type": "text/css" } });
const signedGet = await getSignedUrl(client, new s3.GetObjectCommand({ Bucket: bucket, Key: "signed" }));
seen.presigned = [sent.status, other.status, await (await fetch(signedGet)).text()];

const parts = Buffer.alloc(11 * 1024 * 1024 + 3, "0123456789abcdef");
const upload = new Upload({
  client,
  params: { Bucket: bucket, Key: "large", Body: Readable.from([parts]) },
  partSize: 5 * 1024 * 1024,
  queueSize: 3,
});
const done = await upload.done();
const large = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: "large" }));
const bytes = await large.Body.transformToByteArray();
seen.multipart = [done.ETag.endsWith('-3"'), bytes.length, sha256(bytes) === sha256(parts)];

const stream = new s3.PutObjectCommand({
  Bucket: bucket,
  Key: "stream",
  Body: Readable.from([Buffer.from("in "), Buffer.from("pieces")]),
  ContentLength: 9,
  ChecksumAlgorithm: "SHA256",
});
await client.send(stream);
const whole = new s3.HeadObjectCommand({ Bucket: bucket, Key: "stream", ChecksumMode: "ENABLED" });
const head = await client.send(whole);
seen.stream = [head.ContentLength, head.ChecksumSHA256];

const listed = await client.send(new s3.ListObjectsV2Command({ Bucket: bucket }));
seen.listed = listed.Contents.map((object) => object.Key);
try {
  await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: "nothing" }));
} catch (error) {
  seen.error = [error.name, error.$metadata.httpStatusCode];
}
console.log(JSON.stringify(seen));
