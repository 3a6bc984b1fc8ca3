const { writeSync } = require('node:fs');

/**
 * Jest reporter whose last line counts the tests of the run: `Tests: N passed, N failed`. A suite that does not even
 * load counts as one failed test, since it hides tests that did not run; so does a run without any test.
 */
class ClosingLineReporter {
  constructor() {
    this.line = 'Tests: 0 passed, 1 failed';
    // Jest's own summary, and its remark about handles left open, come before the process's end: this comes after.
    process.once('exit', () => writeSync(process.stdout.fd, `\n${this.line}\n`));
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const nothingRan = numPassedTests + failed === 0;
    this.line = `Tests: ${numPassedTests} passed, ${nothingRan ? 1 : failed} failed`;
  }
}

module.exports = ClosingLineReporter;
