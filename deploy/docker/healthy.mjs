/** Health check of a service's container: exit 0 when it is ready. Usage: node deploy/docker/healthy.mjs PORT */
const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/health/ready`).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
