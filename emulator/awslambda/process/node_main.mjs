// The program of a Node.js execution environment: AWS's runtime client around the user's handler.

const [, , client] = process.argv;
process.argv.splice(2);
const { run } = await import(client);
await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
