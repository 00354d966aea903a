import { start } from '../parts/start.js';
import { VerifyPage } from './verify-page.js';

start(<VerifyPage />);
