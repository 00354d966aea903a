import { start } from '../parts/start.js';
import '../style/contracts.css';
import { ContractsPage } from './contracts-page.js';

start(<ContractsPage />);
