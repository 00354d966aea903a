// Prints the reason of every skipped test and, last, the plain line `N passed, N failed, N skipped`.
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const suitesThatFailedToRun = results.numRuntimeErrorTestSuites;
    for (const suite of results.testResults) {
      for (const test of suite.testResults) {
        if (test.status === 'pending' || test.status === 'todo') {
          process.stdout.write(`skipped: ${test.fullName}\n`);
        }
      }
    }
    const failed = results.numFailedTests + suitesThatFailedToRun;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(
      `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`,
    );
  }
}
